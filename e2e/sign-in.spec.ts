import { randomUUID } from 'node:crypto'
import { type Browser, expect, type Page, test } from '@playwright/test'
import { firstAdminLink } from '#scripts/first-admin.ts'
import { expectAccessible } from './support/axe.ts'
import { holdReconcilers, query } from './support/database.ts'
import { freeThePlace, stranger } from './support/guests.ts'
import { type Mischief, OidcProvider } from './support/oidc.ts'
import { signIn } from './support/sign-in.ts'
import { MailServer } from './support/smtp.ts'

// The site under test asks these two, which run here: scripts/tiers/live.ts chose their ports.
let provider: OidcProvider
let mailServer: MailServer
test.beforeAll(async () => {
  provider = await OidcProvider.listen(process.env)
  mailServer = await MailServer.listen(process.env)
})
test.afterAll(async () => {
  await provider[Symbol.asyncDispose]()
  await mailServer[Symbol.asyncDispose]()
})
test.beforeEach(() => {
  provider.mischief = {}
  mailServer.refuse = false
})

const someone = () => {
  const mark = randomUUID().slice(0, 8)
  return { sub: mark, name: `Ada ${mark}`, email: `ada.${mark}@example.org`, email_verified: true }
}
const service = (page: Page) => page.getByRole('button', { name: 'Continue with Harbour Office' })
const problem = (page: Page) => page.getByRole('main').getByRole('alert')

async function byProvider(page: Page, path = '/learn') {
  await page.goto(`/signin?callbackUrl=${encodeURIComponent(path)}`)
  await service(page).click()
}

async function expectSignedIn(page: Page, name: string) {
  await expect(page.getByRole('link', { name: `Settings of ${name}` })).toBeVisible()
}

async function askForLink(page: Page, address: string, path = '/learn') {
  await page.goto(`/signin?callbackUrl=${encodeURIComponent(path)}`)
  await page.getByLabel('Your e-mail address').fill(address)
  await page.getByRole('button', { name: 'Send me a link' }).click()
}

async function linkTo(address: string): Promise<string> {
  await expect.poll(() => mailServer.newest(address)?.text).toBeTruthy()
  return /http\S+/.exec(mailServer.newest(address)?.text ?? '')?.[0] ?? ''
}

async function elsewhere(browser: Browser, baseURL: string | undefined): Promise<Page> {
  return (await browser.newContext({ baseURL: baseURL ?? '' })).newPage()
}

test('by OpenID Connect: there, back to the page one came from, and the same person the next time', async ({
  page,
  browser,
  baseURL,
}) => {
  const ada = someone()
  provider.answer = ada
  await byProvider(page, '/learn?level=beginner')
  await page.waitForURL('**/learn?level=beginner')
  await expectSignedIn(page, ada.name)
  const asked = provider.asked.at(-1)
  for (const name of ['state', 'nonce', 'code_challenge']) expect(asked?.get(name)?.length).toBeGreaterThan(20)

  const second = await elsewhere(browser, baseURL)
  provider.answer = { ...ada, name: 'Another name there' }
  await byProvider(second)
  await second.waitForURL('**/learn')
  await expectSignedIn(second, ada.name)
  await page.goto('/me/settings')
  await expect(page.getByText('Harbour Office')).toBeVisible()
  await expect(page.getByRole('region', { name: 'Sessions' }).getByRole('listitem')).toHaveCount(2)
  await second.context().close()
})

test('“Cancel” at the provider is no failure', async ({ page }) => {
  provider.answer = 'cancel'
  await byProvider(page)
  await expect(problem(page)).toHaveText('You stopped signing in. Nothing was changed.')
  await expectAccessible(page)
})

const MISCHIEF: [string, Mischief][] = [
  ['another nonce', { nonce: 'x'.repeat(43) }],
  ['a token for another site', { aud: 'somebody-else' }],
  ['a signature by another key', { key: 'foreign' }],
]
for (const [what, mischief] of MISCHIEF) {
  test(`a provider’s answer with ${what} signs nobody in`, async ({ page }) => {
    provider.answer = someone()
    provider.mischief = mischief
    await byProvider(page)
    await expect(problem(page)).toContainText('Please start again')
    await page.goto('/me')
    await page.waitForURL('**/signin?callbackUrl=/me')
  })
}

test('an answer that nobody here asked for signs nobody in', async ({ page }) => {
  await page.goto('/api/auth/callback/oidc?code=stolen&state=made-up')
  await expect(problem(page)).toContainText('Please start again')
})

test('an address that the provider has not verified is not taken over', async ({ page }) => {
  const mallory = { ...someone(), email_verified: false }
  provider.answer = mallory
  await byProvider(page)
  await page.waitForURL('**/learn')
  await page.goto('/me/settings')
  await expect(page.getByText('Harbour Office')).toBeVisible()
  await expect(page.getByRole('main')).not.toContainText(mallory.email)
})

test('one address, two ways: no linking behind anybody’s back', async ({ page, browser, baseURL }) => {
  const ada = someone()
  await askForLink(page, ada.email)
  await page.goto(await linkTo(ada.email))
  await page.getByRole('link', { name: 'Sign me in' }).click()
  await page.waitForURL('**/learn')
  const second = await elsewhere(browser, baseURL)
  provider.answer = ada
  await byProvider(second)
  await expect(problem(second)).toContainText('sign in the way you did first')
  await second.context().close()
  // Nor for somebody who is signed in, or whose session was taken back.
  await page.goto('/learn')
  const token = await page.evaluate(async () => (await (await fetch('/api/auth/csrf')).json()).csrfToken)
  const started = await page.request.post('/api/auth/signin/oidc', {
    form: { csrfToken: token, callbackUrl: '/learn', json: 'true' },
    headers: { origin: baseURL ?? '' },
  })
  provider.answer = someone()
  await page.goto((await started.json()).url)
  await page.goto('/me/settings')
  await expect(page.getByRole('main')).not.toContainText(ada.email)
})

test('by mail: a link in text and HTML, good once, in any case of the address', async ({ page, browser, baseURL }) => {
  const { email } = someone()
  await askForLink(page, email.toUpperCase(), '/challenges/two-namespaces')
  await expect(page.getByText('Check your inbox')).toBeVisible()
  await expectAccessible(page)
  const link = await linkTo(email)
  const mail = mailServer.newest(email)
  expect(mail?.from?.address).toBe('no-reply@drydock.example')
  expect(mail?.html).toContain(link.replaceAll('&', '&amp;'))
  expect(mail?.text).toContain('15 minutes')

  await page.goto(link)
  await expect(page.getByRole('main')).toContainText(email)
  await expectAccessible(page)
  // As a mail scanner does: opening the page is not using the link.
  const scanner = await elsewhere(browser, baseURL)
  await scanner.goto(link)
  await page.getByRole('link', { name: 'Sign me in' }).click()
  await page.waitForURL('**/challenges/two-namespaces')
  await expectSignedIn(page, email.split('@')[0] ?? '')

  await scanner.getByRole('link', { name: 'Sign me in' }).click()
  await expect(problem(scanner)).toContainText('This link was used before')
  await scanner.context().close()
})

test('a broken link, and one of somebody else’s making, open nothing', async ({ page }) => {
  for (const query of ['', '?token=%3Cscript%3E&email=a', '?email=a@example.org']) {
    await page.goto(`/signin/link${query}`)
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('This link is incomplete')
  }
  await expectAccessible(page)
  await page.goto(`/signin/link?token=${'0'.repeat(64)}&email=ada@example.org&callbackUrl=https://evil.example/`)
  await page.getByRole('link', { name: 'Sign me in' }).click()
  await expect(problem(page)).toContainText('This link was used before')
  expect(page.url()).not.toContain('evil')
})

test('by mail: what is no address, what the mail server refuses, and too often', async ({ page }) => {
  for (const wrong of ['', 'ada', 'ada@harbour', '<script>@example.org', 'a@b@example.org']) {
    await askForLink(page, wrong)
    await expect(page.getByText(/no e-mail address|could not be sent/)).toBeVisible()
    await expect(page.getByLabel('Your e-mail address')).toHaveValue(wrong)
  }
  mailServer.refuse = true
  await askForLink(page, 'nobody@example.org')
  await expect(page.getByText(/could not be sent/)).toBeVisible()
  mailServer.refuse = false
  const { email } = someone()
  for (let i = 0; i < 5; i++) {
    await askForLink(page, email)
    await expect(page.getByText('Check your inbox')).toBeVisible()
  }
  await askForLink(page, email)
  await expect(page.getByText(/Too many tries/)).toBeVisible()
  await expectAccessible(page)
})

for (const way of ['OpenID Connect', 'mail']) {
  test(`what a guest began goes along into an account that is made by ${way}`, async ({ browser, baseURL }) => {
    const headers = { origin: baseURL ?? '' }
    await freeThePlace()
    const page = await stranger(browser, baseURL)
    // Who it belongs to is asked here, not what becomes of it: it need not start.
    const reconcilers = await holdReconcilers()
    const started = await page.request.post('/api/guests', { headers })
    const { id } = await started.json()
    const ada = someone()
    if (way === 'mail') {
      await askForLink(page, ada.email, '/')
      await page.goto(await linkTo(ada.email))
      await page.getByRole('link', { name: 'Sign me in' }).click()
    } else {
      provider.answer = ada
      await byProvider(page, '/')
    }
    await page.waitForURL(`${baseURL}/`)
    await expect(page.getByTestId('sandbox-state')).toHaveAttribute('data-state', 'queued')
    const owner = `select u.email, u.role from "Sandbox" s join "User" u on u.id = s."userId" where s.id = $1`
    expect(await query(owner, [id])).toEqual([{ email: ada.email, role: 'learner' }])
    const ended = await page.request.delete(`/api/sandboxes/${id}`, { headers })
    expect(await ended.json()).toMatchObject({ id, state: 'ended' })
    await reconcilers.release()
    await page.context().close()
  })
}

test('the link of the start-up output makes who opens it an administrator, after signing in, and nobody else after', async ({
  page,
  browser,
  baseURL,
}) => {
  await query(`update "User" set role = 'learner' where role = 'admin'`)
  const link = (await firstAdminLink(process.env.DATABASE_URL ?? '', baseURL ?? '')) ?? ''
  for (const [reader, outcome] of [
    [page, 'admin'],
    [await elsewhere(browser, baseURL), 'refused'],
  ] as const) {
    await reader.goto(link)
    await reader.getByLabel('Your name').fill(someone().name)
    await reader.getByRole('button', { name: 'Sign in' }).click()
    await expect(reader.getByRole('heading', { level: 1 })).toHaveText('Is this site yours to run?')
    await expectAccessible(reader)
    await reader.getByRole('button', { name: 'Make me administrator' }).click()
    if (outcome === 'admin') {
      await reader.waitForURL('**/me/settings')
      await expect(reader.getByText('admin', { exact: true })).toBeVisible()
    } else {
      await expect(problem(reader)).toBeVisible()
      await reader.goto('/me/settings')
      await expect(reader.getByText('learner', { exact: true })).toBeVisible()
      await reader.context().close()
    }
  }
})

test('the address of ADMIN_EMAILS makes an administrator, a name that looks like it does not', async ({ page }) => {
  const address = 'harbour.master@example.org'
  await signIn(page, '/me/settings', 'harbour.master@example.o')
  await expect(page.getByRole('main')).toContainText('learner')
  await page.context().clearCookies()
  provider.answer = { sub: 'master', name: address, email: address, email_verified: true }
  await byProvider(page, '/me/settings')
  await page.waitForURL('**/me/settings')
  await expect(page.getByText('admin', { exact: true })).toBeVisible()
})

test('signing out ends the session itself, not only the browser’s memory of it', async ({ page, browser, baseURL }) => {
  await signIn(page, '/me')
  const cookies = await page.context().cookies()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await expect(page.getByRole('banner').getByRole('link', { name: 'Sign in' })).toBeVisible()
  const thief = await elsewhere(browser, baseURL)
  await thief.context().addCookies(cookies)
  await thief.goto('/me')
  await thief.waitForURL('**/signin?callbackUrl=/me')
  await thief.context().close()
})

for (const theme of ['light', 'dark']) {
  for (const width of [360, 1440]) {
    test(`every way to sign in, whole and accessible, ${theme}, ${width} px`, async ({ page, context, baseURL }) => {
      await page.setViewportSize({ width, height: 800 })
      await context.addCookies([{ name: 'theme', value: theme, url: baseURL ?? '' }])
      for (const path of ['/signin', '/signin?error=OAuthAccountNotLinked', '/signin/link']) {
        await page.goto(path)
        expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)
        await expectAccessible(page)
        await page.screenshot({ path: `test-results/shots/${path.replaceAll(/\W+/g, '-')}-${theme}-${width}.png` })
      }
    })
  }
}
