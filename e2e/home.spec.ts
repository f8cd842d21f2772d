import { randomInt } from 'node:crypto'
import { expect, type Page, test } from '@playwright/test'
import { expectAccessible } from './support/axe.ts'
import { query } from './support/database.ts'
import { freeThePlace, GUESTS, guestsAtWork, LIVE, stranger } from './support/guests.ts'
import { signIn } from './support/sign-in.ts'
import { terminalOf, useReadableTerminal } from './support/terminal.ts'

const LAB = 'courses/container-networking/a-network-of-one'

const state = (page: Page) => page.getByTestId('sandbox-state')
const task = (page: Page) => page.getByTestId('task-island')
const startButton = (page: Page) => page.getByRole('button', { name: 'Start the machine' })

test.use({ viewport: { width: 1440, height: 900 } })
test.beforeEach(freeThePlace)

test('a stranger predicts, clicks, types, and the task ticks within a minute; signing in keeps it', async ({
  browser,
  baseURL,
}) => {
  test.setTimeout(180_000)
  const page = await stranger(browser, baseURL)
  await useReadableTerminal(page)
  await page.goto('/')
  await expect(state(page)).toHaveAttribute('data-state', 'none')
  await expectAccessible(page)
  const arrived = Date.now()
  await page.getByRole('radio', { name: /^One/ }).check()
  await page.getByRole('button', { name: 'That is my guess' }).click()
  await startButton(page).click()
  // The click was on the terminal: what is typed next goes there, without another one.
  await expect(page.getByRole('textbox', { name: 'Terminal input' })).toBeFocused({ timeout: 45_000 })
  const terminal = terminalOf(page)
  await expect.poll(terminal.screen, { timeout: 15_000 }).toMatch(/root@box/)
  await page.keyboard.type('ip netns add island\n')
  await expect(task(page)).toHaveAttribute('data-verdict', 'pass', { timeout: 30_000 })
  expect(Date.now() - arrived).toBeLessThan(60_000)
  await expectAccessible(page)
  await terminal.run('echo "shell"=$$', /shell=\d+/)
  const shell = /shell=(\d+)/.exec(await terminal.screen())?.[1]

  // Ten minutes, no more time, no reset, and nothing else of the site.
  const left = /\d+:\d\d/.exec((await page.getByText('Time left:').locator('..').textContent()) ?? '')?.[0] ?? ''
  expect(Number.parseInt(left, 10)).toBeLessThan(10)
  await expect(page.getByRole('button', { name: 'More time' })).toHaveCount(0)
  const [{ userId: guestId } = {}] = await query(`select "userId" from "Sandbox" where ${GUESTS} and ${LIVE}`)
  expect(guestId).toBeTruthy()
  const headers = { origin: baseURL ?? '' }
  for (const [method, path, data] of [
    ['POST', '/api/sandboxes', { labId: 'challenges/two-namespaces' }],
    ['GET', '/api/account/export', undefined],
    ['POST', '/api/account', { name: 'Nobody' }],
  ] as const) {
    const answer = await page.request.fetch(path, { method, headers, ...(data && { data }) })
    expect([path, answer.status()]).toEqual([path, 403])
    expect(await answer.text()).toContain('Sign in')
  }
  const foreign = { headers: { origin: 'https://evil.example' } }
  expect((await page.request.post('/api/guests', foreign)).status()).toBe(403)

  await test.step('the next one reads that the place is taken, and can go on', async () => {
    const next = await stranger(browser, baseURL)
    await next.goto('/')
    await startButton(next).click()
    await expect(next.getByText('The place for a guest is taken right now')).toBeVisible()
    await expect(next.getByRole('region', { name: 'The machine' }).getByRole('link', { name: 'Sign in' })).toBeVisible()
    expect(await next.context().cookies()).toEqual([])
    await expectAccessible(next)
    await next.context().close()
  })

  await page.reload()
  await expect(task(page)).toHaveAttribute('data-verdict', 'pass')
  await terminal.run('echo "again"=$$', new RegExp(`again=${shell}\\b`))

  await page.getByRole('link', { name: 'Sign in and go on' }).click()
  await expect(page.getByText('What you did goes with you')).toBeVisible()
  await page.getByLabel('Your name').fill(`Test ${randomInt(1e9)}`)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL('**/learn/container-networking/a-network-of-one')
  await expect(state(page)).toHaveAttribute('data-state', 'ready')
  await expect(task(page)).toHaveAttribute('data-verdict', 'pass')
  await terminal.run('echo "kept"=$$', new RegExp(`kept=${shell}\\b`))
  await expect(page.getByRole('button', { name: 'More time' })).toBeVisible()
  expect(await query(`select 1 from "User" where id = '${guestId}'`)).toEqual([])
  await page.goto('/me')
  await expect(page.getByRole('main')).toContainText('A network of one')

  await page.goto('/')
  await page.getByRole('button', { name: 'End', exact: true }).click()
  await page.getByRole('button', { name: 'End the machine' }).click()
  await expect(state(page)).toHaveAttribute('data-state', 'ended', { timeout: 60_000 })
  await page.context().close()
})

test('by keyboard alone, from the prediction to the tick; after its time the result can still be kept', async ({
  browser,
  baseURL,
}) => {
  const page = await stranger(browser, baseURL)
  await useReadableTerminal(page)
  await page.goto('/')
  const tabTo = async (target: ReturnType<Page['locator']>) => {
    for (let n = 0; n < 60; n++) {
      if (await target.evaluate((element) => element === document.activeElement).catch(() => false)) return
      await page.keyboard.press('Tab')
    }
    await expect(target).toBeFocused()
  }
  await tabTo(page.getByRole('radio').first())
  await page.keyboard.press('Space')
  await tabTo(page.getByRole('button', { name: 'That is my guess' }))
  await page.keyboard.press('Enter')
  // The fence's own button starts the machine, and runs there once it can.
  await tabTo(page.getByRole('button', { name: /^Run on box/ }))
  await page.keyboard.press('Enter')
  const { screen } = terminalOf(page)
  await expect.poll(screen, { timeout: 60_000 }).toMatch(/lo\s+DOWN/)
  await tabTo(page.getByRole('textbox', { name: 'Terminal input' }))
  await page.keyboard.type('ip netns add island\n')
  await expect(task(page)).toHaveAttribute('data-verdict', 'pass', { timeout: 30_000 })
  await page.keyboard.press('Control+F6')
  await expect(page.getByRole('textbox', { name: 'Terminal input' })).not.toBeFocused()

  await query(`update "Sandbox" set "expiresAt" = now() at time zone 'utc' where ${GUESTS} and ${LIVE}`)
  await expect(state(page)).toHaveAttribute('data-state', 'ended', { timeout: 60_000 })
  await expect(page.getByText('What you solved is kept for an hour.')).toBeVisible()
  await expectAccessible(page)
  await signIn(page, '/')
  await expect(task(page)).toHaveAttribute('data-verdict', 'pass')
  const kept = await query(`select 1 from "Attempt" a join "User" u on u.id = a."userId"
    where a."labId" = '${LAB}' and u.role <> 'guest' and a."startedAt" > now() at time zone 'utc' - interval '5 minutes'`)
  expect(kept.length).toBeGreaterThan(0)
  await page.context().close()
})

test('without JavaScript it can be read, and says what needs it', async ({ browser, baseURL }) => {
  const page = await stranger(browser, baseURL, { javaScriptEnabled: false })
  await page.goto('/')
  await expect(page.getByText('Only a loopback is left')).toBeVisible()
  await expect(page.getByText('its terminal needs JavaScript.')).toBeVisible()
  await expect(startButton(page)).toBeHidden()
  expect(await page.context().cookies()).toEqual([])
  expect(await guestsAtWork()).toEqual([])
  await page.context().close()
})
