import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { type Browser, expect, type Page, test } from '@playwright/test'
import { namespacesOf } from '#lib/sandbox/names.ts'
import { expectAccessible } from './support/axe.ts'
import { signIn } from './support/sign-in.ts'
import { terminalOf, useReadableTerminal } from './support/terminal.ts'
import { namespaceExists, tablesWith } from './support/traces.ts'

const SETTINGS = '/me/settings'
const CHALLENGE = '/challenges/two-namespaces'

const sessions = (page: Page) => page.getByRole('region', { name: 'Sessions' }).getByRole('listitem')
const aName = () => `Test ${randomUUID().slice(0, 8)}`

async function elsewhere(browser: Browser, baseURL: string | undefined): Promise<Page> {
  return (await browser.newContext({ baseURL: baseURL ?? '' })).newPage()
}

/** Starts the challenge's machine and resolves with its sandbox's id once a shell answers. */
async function startMachine(page: Page): Promise<string> {
  await page.goto(CHALLENGE)
  const events = page.waitForRequest((request) => /\/api\/sandboxes\/[^/]+\/events/.test(request.url()))
  await page.getByRole('button', { name: 'Start the machine' }).click()
  const sandboxId = (await events).url().split('/').at(-2) ?? ''
  await expect(page.getByTestId('sandbox-state')).toHaveAttribute('data-state', 'ready', { timeout: 60_000 })
  await terminalOf(page).run('echo al$((1+0))ve', /al1ve/)
  return sandboxId
}

for (const theme of ['light', 'dark']) {
  for (const width of [360, 1440]) {
    test(`settings, whole and accessible, ${theme}, ${width} px`, async ({ page, context, baseURL }) => {
      await page.setViewportSize({ width, height: 800 })
      await context.addCookies([{ name: 'theme', value: theme, url: baseURL ?? '' }])
      await signIn(page, SETTINGS, `Wwwwwwwwwwwwwwwwwwwwwwwwwww ${randomUUID().slice(0, 8)}`)
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)
      await expectAccessible(page)
      await page.getByRole('button', { name: 'Delete my account' }).click()
      await expect(page.getByText('Nothing was deleted.')).toBeVisible()
      await expectAccessible(page)
      await page.screenshot({ path: `test-results/shots/settings-${theme}-${width}.png`, fullPage: true })
    })
  }
}

test('a stranger is asked in first, and brought back', async ({ page }) => {
  await page.goto(SETTINGS)
  await page.waitForURL('**/signin?callbackUrl=/me/settings')
  for (const [method, path] of [
    ['POST', ''],
    ['DELETE', ''],
    ['GET', '/export'],
    ['DELETE', '/sessions'],
    ['DELETE', '/sessions/abc'],
  ] as const) {
    const headers = { origin: new URL(page.url()).origin }
    const response = await page.request.fetch(`/api/account${path}`, { method, headers })
    expect([method, path, response.status()]).toEqual([method, path, 401])
  }
})

test('a name is text wherever it stands, and one that is none is kept for mending', async ({ page }) => {
  const dialogs: string[] = []
  page.on('dialog', (dialog) => dialogs.push(dialog.message()) && dialog.dismiss())
  await signIn(page, SETTINGS, aName())
  const field = page.getByLabel('Display name')
  const evil = `<img src=x onerror=alert(1)>${randomUUID().slice(0, 8)}`
  await field.fill(evil)
  await page.getByRole('button', { name: 'Save' }).dblclick()
  await expect(page.getByRole('status').getByText('Saved')).toBeVisible()
  for (const path of [SETTINGS, '/me', '/learn', '/']) {
    await page.goto(path)
    await expect(page.getByRole('link', { name: `Settings of ${evil}` })).toBeVisible()
    expect(await page.locator('img[src="x"]').count()).toBe(0)
  }
  await page.goto(SETTINGS)
  await expect(page.getByLabel(`To delete it, type ${evil}`)).toBeVisible()
  await field.fill('   ')
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByText('A name has 1 to 40 characters that can be seen.')).toBeVisible()
  expect(dialogs).toEqual([])
  for (const [data, status] of [
    ['{"name":7}', 400],
    ['{', 400],
    [JSON.stringify({ name: 'x'.repeat(20_000) }), 413],
    [JSON.stringify({ name: 'x'.repeat(5000) }), 400],
  ] as const) {
    const headers = { origin: new URL(page.url()).origin, 'content-type': 'application/json' }
    expect((await page.request.post('/api/account', { data, headers })).status()).toBe(status)
  }
  const foreign = { origin: 'https://evil.example', 'content-type': 'application/json' }
  expect((await page.request.post('/api/account', { data: '{"name":"x"}', headers: foreign })).status()).toBe(403)
  await page.reload()
  await expect(field).toHaveValue(evil)
})

test('the theme is chosen here and in the header alike', async ({ page }) => {
  await signIn(page, SETTINGS)
  const dark = page.getByRole('radio', { name: 'Dark' })
  await dark.check()
  await page.getByRole('button', { name: /^Theme: dark/ }).click()
  await expect(page.getByRole('radio', { name: 'System' })).toBeChecked()
  await dark.check()
  await page.getByLabel('Text size').selectOption('18')
  await page.reload()
  await expect(dark).toBeChecked()
  await expect(page.getByLabel('Text size')).toHaveValue('18')
})

test('everything in one file, and no secret in it', async ({ page }) => {
  const name = await signIn(page, '/learn/container-networking/a-network-of-one')
  await page.goto(SETTINGS)
  const started = page.waitForEvent('download')
  await page.getByRole('link', { name: 'Export everything' }).click()
  const download = await started
  expect(download.suggestedFilename()).toMatch(/^drydock-export-\d{4}-\d\d-\d\d\.json$/)
  const text = await readFile(await download.path(), 'utf8')
  expect(JSON.parse(text)).toMatchObject({
    profile: { name, role: 'learner' },
    lessonVisits: [{ lessonId: 'courses/container-networking/a-network-of-one' }],
    attempts: [],
    sandboxes: [],
    verdicts: [],
  })
  const token = (await page.context().cookies()).find((cookie) => cookie.name.startsWith('drydock.session'))?.value
  expect(text).not.toContain(token)
})

test('one session is ended from another, and nobody else’s', async ({ page, browser, baseURL }) => {
  const name = await signIn(page, SETTINGS)
  const second = await elsewhere(browser, baseURL)
  await signIn(second, SETTINGS, name)
  await page.reload()
  await expect(sessions(page)).toHaveCount(2)
  await page.getByRole('button', { name: /^Sign out Chrome/ }).click()
  await expect(sessions(page)).toHaveCount(1)
  // An expired page: what it does is answered in words, and where it goes asks to sign in.
  await second.getByLabel('Display name').fill('Too late')
  await second.getByRole('button', { name: 'Save' }).click()
  await expect(second.getByText('Please sign in first.')).toBeVisible()
  await expect(second.getByLabel('Display name')).toHaveValue('Too late')
  await second.goto('/me')
  await second.waitForURL('**/signin?callbackUrl=/me')
  await signIn(second, SETTINGS)
  const { id } = await page.evaluate(async () => ({ id: 'c'.repeat(25) }))
  const headers = { origin: baseURL ?? '' }
  expect((await second.request.delete(`/api/account/sessions/${id}`, { headers })).status()).toBe(404)
  await second.context().close()
})

test('signing out everywhere ends another browser’s session and its terminal within 30 s', async ({
  page,
  browser,
  baseURL,
}) => {
  test.setTimeout(180_000)
  const name = await signIn(page, '/learn')
  const closed = new Promise<number>((resolve) =>
    page.on('websocket', (socket) => {
      if (socket.url().includes('/ws/terminal')) socket.on('close', () => resolve(Date.now()))
    }),
  )
  await useReadableTerminal(page)
  const sandboxId = await startMachine(page)
  const second = await elsewhere(browser, baseURL)
  await signIn(second, SETTINGS, name)
  await second.getByRole('button', { name: 'Sign out everywhere' }).click()
  await second.getByRole('dialog').getByRole('button', { name: 'Sign out everywhere' }).click()
  await second.waitForURL(`${baseURL}/`)
  await expect(second.getByRole('banner').getByRole('link', { name: 'Sign in' })).toBeVisible()
  const at = Date.now()
  expect((await closed) - at).toBeLessThan(31_000)
  expect((await page.request.get(`/api/sandboxes/${sandboxId}`)).status()).toBe(401)
  // The machine itself runs on for its owner.
  await signIn(second, CHALLENGE, name)
  await expect(second.getByTestId('sandbox-state')).toHaveAttribute('data-state', 'ready', { timeout: 20_000 })
  const headers = { origin: baseURL ?? '' }
  expect((await second.request.delete(`/api/sandboxes/${sandboxId}`, { headers })).ok()).toBe(true)
  await second.context().close()
})

test('deleting the account leaves no row and no namespace', async ({ page, browser, baseURL }) => {
  test.setTimeout(180_000)
  const name = await signIn(page, '/learn/container-networking/a-network-of-one')
  await useReadableTerminal(page)
  const sandboxId = await startMachine(page)
  const { sys } = namespacesOf(sandboxId)
  const second = await elsewhere(browser, baseURL)
  await signIn(second, SETTINGS, name)
  await expect(second.getByText('1 running machine')).toBeVisible()
  const typed = second.getByLabel(`To delete it, type ${name}`)
  await typed.fill('something else')
  await second.getByRole('button', { name: 'Delete my account' }).click()
  await expect(second.getByText('Nothing was deleted.')).toBeVisible()
  await expect(typed).toHaveValue('something else')
  expect(await namespaceExists(sys)).toBe(true)
  expect(await tablesWith(sandboxId)).toContain('Sandbox')

  await typed.fill(name)
  await second.getByRole('button', { name: 'Delete my account' }).click()
  await second.waitForURL(`${baseURL}/`, { timeout: 40_000 })
  await expect(second.getByRole('banner').getByRole('link', { name: 'Sign in' })).toBeVisible()
  for (const trace of [name, sandboxId]) expect(await tablesWith(trace)).toEqual([])
  await expect.poll(() => namespaceExists(sys), { timeout: 90_000 }).toBe(false)
  // The other browser, and the way back.
  expect((await page.request.get(`/api/sandboxes/${sandboxId}`)).status()).toBe(401)
  await second.goBack()
  // The page that was left may be on its way to the sign-in by itself, and cut a reload short.
  await expect(async () => {
    await second.reload()
    await second.waitForURL(/\/signin/, { timeout: 5000 })
  }).toPass()
  await second.context().close()
})
