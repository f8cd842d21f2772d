import { expect, type Page, test } from '@playwright/test'
import { expectAccessible } from './support/axe.ts'
import { endIn, holdReconcilers } from './support/database.ts'
import { signIn } from './support/sign-in.ts'
import { terminalOf, useReadableTerminal } from './support/terminal.ts'

/** Every page as any reader finds it: no machine is started here. */
const PAGES = {
  home: '/',
  catalogue: '/learn',
  'catalogue, nothing found': '/learn?q=nothing-is-called-this',
  lesson: '/learn/container-networking/a-network-of-one',
  challenge: '/challenges/two-namespaces',
  'sign-in': '/signin',
  'sign-in, refused': '/signin?error=bad-request',
  'not found': '/no-such-sheet',
  'my progress': '/me',
}
const WIDTHS = [360, 768, 1440]

/** Fails the test on a script error, or on anything that the Content-Security-Policy had to stop. */
function watchErrors(page: Page): string[] {
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(error.message))
  page.on('console', (message) => {
    // A page that is not found says so in the console as well.
    if (message.type() === 'error' && !message.text().includes('status of 404')) errors.push(message.text())
  })
  return errors
}

for (const theme of ['light', 'dark']) {
  for (const width of WIDTHS) {
    test(`every page is whole and accessible, ${theme}, ${width} px`, async ({ page, context, baseURL }) => {
      const errors = watchErrors(page)
      await page.setViewportSize({ width, height: 800 })
      await signIn(page, '/learn')
      await context.addCookies([{ name: 'theme', value: theme, url: baseURL ?? '' }])
      for (const [name, path] of Object.entries(PAGES)) {
        await test.step(name, async () => {
          await page.goto(path)
          const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
          expect(overflow).toBeLessThanOrEqual(0)
          await expectAccessible(page)
        })
      }
      expect(errors).toEqual([])
    })
  }
}

test('the theme is the chosen one from the first byte on', async ({ page, context, baseURL }) => {
  const background = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)
  await page.emulateMedia({ colorScheme: 'dark' })
  await page.goto('/')
  const dark = await background()
  await page.getByRole('button', { name: /^Theme: as your system/ }).click()
  await expect.poll(background).not.toBe(dark)
  const html = await (await context.request.get(`${baseURL}/`)).text()
  expect(html).toContain('data-theme="light"')
  await page.getByRole('button', { name: /^Theme: light/ }).click()
  await expect.poll(background).toBe(dark)
})

test('scripts without the nonce do not run', async ({ page }) => {
  await page.goto('/')
  const ran = await page.evaluate(async () => {
    // As injected markup would be: parsed, not made by a trusted script.
    document.body.insertAdjacentHTML('beforeend', '<img src="x" alt="" onerror="window.ran = true">')
    await new Promise((resolve) => setTimeout(resolve, 300))
    return (window as { ran?: boolean }).ran === true
  })
  expect(ran).toBe(false)
})

test('reading starts nothing, and starting asks a stranger in and brings them back', async ({ page }) => {
  await page.goto('/challenges/two-namespaces')
  await expect(page.getByTestId('sandbox-state')).toHaveAttribute('data-state', 'none')
  await page.getByRole('button', { name: 'Start the machine' }).click()
  await page.waitForURL(/\/signin\?callbackUrl=%2Fchallenges%2Ftwo-namespaces/)
  await page.getByLabel('Your name').fill('')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByText('A name has 1 to 40 characters.').last()).toBeVisible()
  await page.getByLabel('Your name').fill('Ada')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL('/challenges/two-namespaces')
  await expect(page.getByTestId('sandbox-state')).toHaveAttribute('data-state', 'none')
})

test('sign-in leads to no other site', async ({ page, baseURL }) => {
  for (const away of ['https://evil.example/', '//evil.example', '/\\evil.example']) {
    await page.goto(`/signin?callbackUrl=${encodeURIComponent(away)}`)
    await page.getByLabel('Your name').fill('Ada')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.waitForURL(`${baseURL}/`)
    await page.getByRole('button', { name: 'Sign out' }).click()
    await expect(page.getByRole('banner').getByRole('link', { name: 'Sign in' })).toBeVisible()
  }
})

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false })

  test('the catalogue can be searched and a lesson read to its end', async ({ page }) => {
    await page.goto('/learn')
    await page.getByLabel('Search').fill('network of one')
    await page.getByRole('button', { name: 'Show' }).click()
    await expect(page).toHaveURL(/q=network\+of\+one/)
    await page.getByRole('link', { name: 'A network of one' }).click()
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('A network of one')
    await expect(page.getByRole('navigation', { name: 'Lessons of this course' })).toBeVisible()
  })
})

test('by keyboard: past the header, along both rules, folding the tasks, one half alone; the next page remembers', async ({
  page,
}) => {
  await page.setViewportSize({ width: 1440, height: 900 })
  await page.goto('/challenges/two-namespaces')
  await page.keyboard.press('Tab')
  await expect(page.getByRole('link', { name: 'Skip to the content' })).toBeFocused()
  for (const [name, more, max] of [
    ['Width of the text', 'ArrowRight', '72'],
    ['Height of the tasks', 'ArrowUp', '80'],
  ] as const) {
    const rule = page.getByRole('separator', { name })
    await rule.focus()
    const before = Number(await rule.getAttribute('aria-valuenow'))
    await page.keyboard.press(more)
    await expect(rule).toHaveAttribute('aria-valuenow', String(before + 2))
    await page.keyboard.press('End')
    await expect(rule).toHaveAttribute('aria-valuenow', max)
  }
  const text = page.locator('#workspace-text')
  const wide = (await text.boundingBox())?.width ?? 0
  await page.reload()
  expect((await text.boundingBox())?.width).toBe(wide)
  await page.getByRole('separator', { name: 'Width of the text' }).focus()
  await page.keyboard.press('Enter')
  await expect.poll(async () => (await text.boundingBox())?.width).toBeLessThan(wide)

  const fold = page.getByRole('button', { name: 'Fold the tasks up' })
  await fold.focus()
  await page.keyboard.press('Enter')
  await expect(page.getByTestId('task-namespaces')).toBeHidden()
  await expect(fold).toHaveAttribute('aria-expanded', 'false')
  await page.reload()
  await expect(page.getByTestId('task-namespaces')).toBeHidden()
  await fold.click()
  await expect(page.getByTestId('task-namespaces')).toBeVisible()
})

test('the palette: what is typed is found and done, Escape and a list of keys give the focus back', async ({
  page,
}) => {
  await page.setViewportSize({ width: 1440, height: 900 })
  await page.goto('/challenges/two-namespaces')
  const rule = page.getByRole('separator', { name: 'Width of the text' })
  await rule.focus()
  for (const keys of ['Control+k', 'Control+/']) {
    await page.keyboard.press(keys)
    await expect(page.getByRole('dialog')).toBeVisible()
    await page.keyboard.press('Escape')
    await expect(page.getByRole('dialog')).toBeHidden()
    await expect(rule).toBeFocused()
  }
  await page.keyboard.press('Control+k')
  await page.keyboard.type('text alone')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('region', { name: 'Tasks' })).toBeHidden()
  await page.keyboard.press('Control+k')
  await page.keyboard.type('progress')
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/signin\?callbackUrl=.*me/)
})

test('on a phone: text, terminal and tasks as tabs, and back to the line that was read', async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 740 })
  await page.goto('/challenges/two-namespaces')
  const tab = (name: RegExp) => page.getByRole('tab', { name })
  await page.evaluate(
    () =>
      new Promise((resolve) => {
        addEventListener('scroll', () => requestAnimationFrame(resolve), { once: true })
        scrollTo(0, 400)
      }),
  )
  // As a thumb does it: the locator's own click would scroll the bar of tabs back to its place first.
  const { x = 0, y = 0 } = (await tab(/^Terminal/).boundingBox()) ?? {}
  await page.mouse.click(x + 20, y + 20)
  await expect(page.getByRole('button', { name: 'Start the machine' })).toBeVisible()
  await expect(page.locator('#workspace-text')).toBeHidden()
  await page.keyboard.press('End')
  await expect(page.getByTestId('task-namespaces')).toBeVisible()
  await page.keyboard.press('ArrowRight')
  await expect(page.locator('#workspace-text')).toBeVisible()
  expect(await page.evaluate(() => scrollY)).toBe(400)
})

declare global {
  interface Window {
    notices: string[]
  }
}

test('a machine that was waited for: told when it is ready; its letters, colours and copying; warned before its end', async ({
  page,
  context,
}) => {
  await useReadableTerminal(page)
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.addInitScript(() => {
    // The reader looks at another window, and has said yes to notifications: no headless browser shows one.
    document.hasFocus = () => false
    window.notices = []
    class Notice {
      static requestPermission = async () => 'granted'
      constructor(title: string, { body }: { body: string }) {
        window.notices.push(`${title}: ${body}`)
      }
    }
    Object.assign(window, { Notification: Notice })
  })
  await page.setViewportSize({ width: 1440, height: 900 })
  await signIn(page, '/challenges/two-namespaces')
  const reconcilers = await holdReconcilers()
  const asked = page.waitForResponse('**/api/sandboxes')
  await page.getByRole('button', { name: 'Start the machine' }).click()
  const { id } = await (await asked).json()
  await expect(page.getByTestId('sandbox-state')).toHaveAttribute('data-state', 'queued')
  await page.getByRole('button', { name: 'Tell me when it is ready' }).click()
  await expect(page.getByText('Your browser will tell you.')).toBeVisible()
  await reconcilers.release()
  await expect(page.getByTestId('sandbox-state')).toHaveAttribute('data-state', 'ready', { timeout: 60_000 })
  await expect
    .poll(() => page.evaluate(() => window.notices), { timeout: 20_000 })
    .toEqual(['Two namespaces and a cable: Your machine is ready.'])

  const { section, run } = terminalOf(page)
  await run('clear; echo copy$((1+1))me', /copy2me/)
  const row = section.locator('.xterm-accessibility-tree > *').filter({ hasText: /^copy2me/ })
  const height = async () => (await row.boundingBox())?.height ?? 0
  const small = await height()
  await section.getByRole('button', { name: 'Terminal settings' }).click()
  await page.getByLabel('Text size').selectOption('20')
  await page.getByLabel('Copy on select').check()
  await page.keyboard.press('Escape')
  await expect.poll(height, { timeout: 20_000 }).toBeGreaterThan(small * 1.3)
  const { x = 0, y = 0 } = (await row.boundingBox()) ?? {}
  await page.mouse.dblclick(x + 30, y + 10)
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText()), { timeout: 20_000 }).toBe('copy2me')

  // The page is not loaded anew: an open terminal takes over the colours of the theme that is chosen.
  const ground = () =>
    section.locator('.xterm-scrollable-element').evaluate((it) => getComputedStyle(it).backgroundColor)
  for (const [theme, colour] of [
    ['light', 'rgb(255, 255, 255)'],
    ['dark', 'rgb(8, 21, 39)'],
  ] as const) {
    const toggle = page.getByRole('button', { name: /^Theme: / })
    while (!(await toggle.getAttribute('aria-label'))?.startsWith(`Theme: ${theme}`)) await toggle.click()
    await expect.poll(ground).toBe(colour)
  }

  for (const [left, words] of [
    ['9 minutes', 'Less than 10 minutes left'],
    ['4 minutes', 'Less than 5 minutes left'],
    ['50 seconds', 'Less than a minute left'],
  ] as const) {
    await endIn(id, left)
    await expect(page.locator('strong', { hasText: words })).toBeVisible({ timeout: 20_000 })
    if (left !== '50 seconds') await page.getByRole('button', { name: 'I know' }).click()
  }
  await page.getByRole('button', { name: 'Give me more time' }).click()
  await expect(page.locator('strong', { hasText: 'left on this machine.' })).toBeHidden({ timeout: 20_000 })
  await page.getByRole('button', { name: 'End', exact: true }).click()
  await page.getByRole('button', { name: 'End the machine' }).click()
  await expect(page.getByTestId('sandbox-state')).toHaveAttribute('data-state', 'ended', { timeout: 60_000 })
})

test('a workspace with a machine: terminals as tabs, one half alone, help after five minutes; accessible in every state', async ({
  page,
  context,
  baseURL,
}) => {
  await useReadableTerminal(page)
  await page.clock.install()
  await page.setViewportSize({ width: 1440, height: 900 })
  await signIn(page, '/challenges/two-namespaces')
  await page.getByRole('button', { name: 'Start the machine' }).click()
  await expect(page.getByTestId('sandbox-state')).toHaveAttribute('data-state', 'ready', { timeout: 60_000 })

  const terminal = (name: string) => page.getByRole('region', { name: `Terminal ${name} on box` })
  await expect(terminal('main')).toBeVisible({ timeout: 20_000 })
  await page.getByRole('tab', { name: 'aux' }).click()
  await expect(terminal('aux')).toBeVisible({ timeout: 20_000 })
  await expect(terminal('main')).toBeHidden()
  await page.reload()
  await expect(terminal('aux')).toBeVisible({ timeout: 20_000 })
  await page.getByRole('tab', { name: 'aux' }).press('ArrowLeft')
  await expect(terminal('main')).toBeVisible()

  await page.getByRole('button', { name: 'Hide the text' }).click()
  await expect(page.getByRole('button', { name: 'Show the text' })).toBeFocused()
  await expect(page.locator('#workspace-text')).toBeHidden()
  await page.reload()
  await expect(page.locator('#workspace-text')).toBeHidden()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'Show the text' }).click()
  await expect(page.locator('#workspace-text')).toBeVisible()
  await page.getByRole('button', { name: 'Hide the machine' }).click()
  await expect(terminal('main')).toBeHidden()
  await page.getByRole('button', { name: 'Show the machine' }).click()
  await expect(terminal('main')).toBeVisible()

  await expect(page.getByTestId('task-namespaces')).toHaveAttribute('data-verdict', 'not-yet', { timeout: 20_000 })
  const help = page.getByRole('region', { name: 'Help' })
  await expect(help).toBeHidden()
  await page.clock.fastForward('06:00')
  await expect(help).toContainText('Stuck on task 1?')
  await help.getByRole('button', { name: 'Show hint 1 of 2' }).click()
  await help.getByRole('button', { name: 'Show hint 2 of 2' }).click()
  await expect(help.getByRole('button', { name: 'Show the solution' })).toBeVisible()

  for (const theme of ['light', 'dark']) {
    await context.addCookies([{ name: 'theme', value: theme, url: baseURL ?? '' }])
    await page.setViewportSize({ width: 1440, height: 900 })
    await page.reload()
    await expect(terminal('main')).toBeVisible({ timeout: 20_000 })
    await expectAccessible(page)
    await terminal('main').getByRole('button', { name: 'Terminal settings' }).click()
    await expectAccessible(page)
    await page.keyboard.press('Escape')
    await page.setViewportSize({ width: 360, height: 800 })
    for (const tab of ['Terminal', 'Tasks'] as const) {
      await page.getByRole('tab', { name: new RegExp(`^${tab}`) }).click()
      await expectAccessible(page)
    }
  }
  await page.setViewportSize({ width: 1440, height: 900 })
  await page.getByRole('button', { name: 'End', exact: true }).click()
  await page.getByRole('button', { name: 'End the machine' }).click()
  await expect(page.getByTestId('sandbox-state')).toHaveAttribute('data-state', 'ended', { timeout: 60_000 })
})
