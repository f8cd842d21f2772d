import type { Page } from '@playwright/test'
import { CHALLENGE, type Scene, type Stage, terminalTab } from './scene.ts'

const keyboard = (page: Page) => page.getByRole('textbox', { name: 'Terminal input' }).first()

/** One machine for all live scenes: it is started once, and the last scene ends it. */
async function start({ page }: Stage): Promise<void> {
  await page.goto(CHALLENGE)
  const button = page.getByRole('button', { name: /^Start/ })
  if (await button.isVisible()) await button.click()
  await keyboard(page).waitFor({ timeout: 90_000 })
  await page.locator('[data-connection="good"]').first().waitFor()
}

async function type(page: Page, line: string): Promise<void> {
  await keyboard(page).focus()
  await page.keyboard.type(`${line}\n`)
}

const live = (name: string, pose: (page: Page) => Promise<unknown>): Scene => ({
  name,
  path: CHALLENGE,
  signedIn: true,
  live: true,
  play: start,
  pose: async (page) => {
    await terminalTab(page)
    await page.locator('[data-connection="good"]').first().waitFor()
    await pose(page)
  },
})

/** The terminal itself, on the platform that runs in this checkout. */
export const LIVE: Scene[] = [
  {
    ...live('terminal', async () => undefined),
    play: async (stage) => {
      await start(stage)
      await type(stage.page, 'ip netns add red; ip -c link; ls --color=always /etc | head -5')
      await stage.page.locator('[data-testid="task-namespaces"][data-verdict="not-yet"]').waitFor({ timeout: 20_000 })
    },
  },
  live('terminal-settings', (page) => page.getByRole('button', { name: 'Terminal settings' }).click()),
  live('terminal-search', async (page) => {
    await page.getByRole('button', { name: 'Find in the terminal' }).click()
    await page.keyboard.type('loopback')
    await page.keyboard.press('Enter')
  }),
  live('terminal-paste', async (page) => {
    await keyboard(page).evaluate((input) => {
      const clipboardData = new DataTransfer()
      clipboardData.setData('text/plain', 'ip netns add blue\nip netns\n')
      input.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
    })
    await page.getByText('Paste several lines?').waitFor()
  }),
  {
    ...live('terminal-shell-ended', (page) => page.getByText('The shell ended with code').waitFor()),
    play: async (stage) => {
      await start(stage)
      await type(stage.page, 'exit 3')
    },
    strike: async ({ page }) => {
      await page.goto(CHALLENGE)
      await page.getByRole('button', { name: 'End', exact: true }).click()
      await page.getByRole('button', { name: 'End the machine' }).click()
      await page.locator('[data-testid="sandbox-state"][data-state="ended"]').waitFor({ timeout: 60_000 })
    },
  },
]
