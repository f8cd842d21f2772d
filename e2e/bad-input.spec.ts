import { globSync } from 'node:fs'
import { type APIRequestContext, type APIResponse, expect, type Page, test } from '@playwright/test'
import { signIn, signInByRequest } from './support/sign-in.ts'

/** Every form and route, given what it should not be given: a clear message, nothing lost, nothing leaked. */

const CHALLENGE = '/challenges/two-namespaces'
const LESSON = '/learn/container-networking/a-network-of-one'
const SCRIPT = '<script>window.ran = true</script>'
const LONG = 'x'.repeat(5000)
const NOBODYS = 'c'.repeat(25)
const BAD_IDS = {
  'too long': 'x'.repeat(41),
  script: encodeURIComponent(SCRIPT),
  'a way out': '..%2F..%2Fetc',
  'nobody’s': NOBODYS,
}

type Method = 'GET' | 'POST' | 'DELETE'
type Route = {
  method: Method
  /** As the folders of app/api have it. */
  path: string
  /** A body that is right in itself; a route without takes none. */
  body?: object
  /** Bodies that are JSON and wrong, and the status they get when it is not 400. */
  wrong?: [unknown, number?][]
}

/** All that acts for a person. */
const ROUTES: Route[] = [
  {
    method: 'POST',
    path: '/api/sandboxes',
    body: { labId: 'challenges/two-namespaces' },
    wrong: [
      [{}],
      [{ labId: 7 }],
      [{ labId: '' }],
      [{ labId: LONG }],
      [{ labId: { contains: 'a' } }],
      [{ labId: SCRIPT }, 404],
      [{ labId: 'challenges/../../../etc/passwd' }, 404],
    ],
  },
  { method: 'GET', path: '/api/sandboxes/[id]' },
  { method: 'DELETE', path: '/api/sandboxes/[id]' },
  { method: 'GET', path: '/api/sandboxes/[id]/events' },
  { method: 'GET', path: '/api/sandboxes/[id]/ports/[index]' },
  { method: 'POST', path: '/api/sandboxes/[id]/extend' },
  { method: 'POST', path: '/api/sandboxes/[id]/reset' },
  {
    method: 'POST',
    path: '/api/sandboxes/[id]/answers',
    body: { taskId: 'namespaces', value: '10.0.0.1' },
    wrong: [
      [{}],
      [{ taskId: 'namespaces' }],
      [{ taskId: 'namespaces', value: 7 }],
      [{ taskId: 'namespaces', value: LONG }],
      [{ taskId: LONG, value: 'a' }],
      [{ taskId: '', value: 'a' }],
      [{ taskId: SCRIPT, value: SCRIPT }, 404],
    ],
  },
  {
    method: 'POST',
    path: '/api/sandboxes/[id]/reports',
    body: { taskId: 'namespaces', text: 'It is there.' },
    wrong: [
      [{}],
      [{ taskId: 'namespaces', text: LONG }],
      [{ taskId: 'namespaces', text: null }],
      [{ taskId: 7 }],
      [{ taskId: SCRIPT }, 404],
    ],
  },
  {
    method: 'POST',
    path: '/api/sandboxes/[id]/scenes',
    body: { scene: 'dark' },
    wrong: [
      [{}],
      [{ scene: 7 }],
      [{ scene: LONG }],
      [{ scene: 'dark', layer: '' }],
      [{ scene: '__proto__' }, 404],
      [{ scene: SCRIPT, layer: SCRIPT }, 404],
    ],
  },
  {
    method: 'POST',
    path: '/api/attempts/[id]/hints',
    body: { taskId: 'namespaces', index: 0 },
    wrong: [
      [{}],
      [{ taskId: LONG }],
      [{ taskId: 'namespaces', index: -1 }],
      [{ taskId: 'namespaces', index: 0.5 }],
      [{ taskId: 'namespaces', index: '0' }],
      [{ taskId: 'namespaces', index: 1e9 }],
      [{ taskId: SCRIPT }, 404],
    ],
  },
  { method: 'POST', path: '/api/attempts/[id]/solution' },
  {
    method: 'POST',
    path: '/api/account',
    body: { name: 'Grace' },
    wrong: [
      [{}],
      [[]],
      [null],
      ['name'],
      [{ name: 7 }],
      [{ name: '' }],
      [{ name: ' \u200b\u0007 ' }],
      [{ name: LONG }],
    ],
  },
  {
    method: 'DELETE',
    path: '/api/account',
    body: { typed: 'not the name' },
    wrong: [[{}], [{ typed: true }], [{ typed: '' }], [{ typed: SCRIPT }], [{ typed: LONG }]],
  },
  {
    method: 'POST',
    path: '/api/account/admin',
    body: { token: '0'.repeat(64) },
    wrong: [[{}], [{ token: 7 }], [{ token: LONG }], [{ token: SCRIPT }, 403]],
  },
  { method: 'GET', path: '/api/account/export' },
  { method: 'GET', path: '/api/authoring' },
  { method: 'DELETE', path: '/api/account/sessions' },
  { method: 'DELETE', path: '/api/account/sessions/[id]' },
]
/** Answers anyone, or is next-auth's and has tests of its own. */
const OPEN = ['/api/health', '/api/status', '/api/guests', '/api/auth/[...nextauth]']

/** Refused in words for a person, with nothing about how we are built. */
async function expectRefusal(what: string, response: APIResponse, status: number): Promise<void> {
  expect([what, response.status()]).toEqual([what, status])
  const { error, ...rest } = await response.json()
  expect(rest).toEqual({})
  expect(Object.keys(error).sort()).toEqual(['code', 'message'])
  expect(error.message).toMatch(/^[A-Z].*\.$/)
  expect(error.message).not.toMatch(/prisma|postgres|select |node_modules|Error|undefined|\[object|<script/i)
  expect(response.headers()['cache-control']).toContain('no-store')
}

const at = (path: string, id: string) => path.replace('[id]', id).replace('[index]', '0')

/** A lab that was asked for and ended at once: rows that are somebody's. */
async function somebodys(
  request: APIRequestContext,
  origin: string,
): Promise<{ sandboxId: string; attemptId: string }> {
  await signInByRequest(request, origin)
  const headers = { origin }
  const data = { labId: 'challenges/two-namespaces' }
  const { id, attemptId } = await (await request.post('/api/sandboxes', { data, headers })).json()
  await request.delete(`/api/sandboxes/${id}`, { headers })
  return { sandboxId: id, attemptId }
}

test('every route of the API is in this table', () => {
  const routes = globSync('app/api/**/route.ts').map((file) => file.replace(/^app|\/route\.ts$/g, ''))
  expect([...new Set([...ROUTES.map(({ path }) => path), ...OPEN])].sort()).toEqual(routes.sort())
})

test('every route refuses strangers, foreign pages, foreign ids and what it cannot read', async ({
  playwright,
  baseURL,
}) => {
  const origin = baseURL ?? ''
  const open = () => playwright.request.newContext({ baseURL: origin })
  const [owner, stranger] = [await open(), await open()]
  const { sandboxId, attemptId } = await somebodys(owner, origin)
  for (const { method, path, body, wrong = [] } of ROUTES) {
    await test.step(`${method} ${path}`, async () => {
      // A person for each: nobody is slowed down by what came before.
      const person = await open()
      await signInByRequest(person, origin)
      const send = (
        who: APIRequestContext,
        id: string,
        data: unknown = body,
        headers: Record<string, string> = { origin },
      ) => who.fetch(at(path, id), { method, headers, ...(body && { data }) })

      await expectRefusal('a stranger', await send(stranger, NOBODYS), 401)
      if (method !== 'GET') {
        await expectRefusal(
          'a foreign page',
          await send(person, NOBODYS, body, { origin: 'https://evil.example' }),
          403,
        )
        await expectRefusal('no page at all', await send(person, NOBODYS, body, {}), 403)
      }
      const put = await person.fetch(at(path, NOBODYS), { method: 'PUT', headers: { origin } })
      expect(put.status()).toBe(405)
      if (path.includes('[id]')) {
        for (const [what, id] of Object.entries(BAD_IDS)) {
          await expectRefusal(what, await send(person, id), id === NOBODYS ? 404 : 400)
        }
        const theirs = path.includes('attempts') ? attemptId : sandboxId
        await expectRefusal('somebody else’s', await send(person, theirs), 404)
      }
      if (body) {
        const json = { origin, 'content-type': 'application/json' }
        const mine = path.includes('attempts') ? (await somebodys(person, origin)).attemptId : NOBODYS
        await expectRefusal('no JSON', await send(person, mine, Buffer.from('{"'), json), 400)
        await expectRefusal('too large', await send(person, mine, { ...body, more: 'x'.repeat(20_000) }), 413)
        for (const [data, status = 400] of wrong) {
          const raw = Buffer.from(JSON.stringify(data))
          await expectRefusal(JSON.stringify(data).slice(0, 60), await send(person, mine, raw, json), status)
        }
      }
      await person.dispose()
    })
  }
  // Nothing of all that was taken for the owner's.
  const view = await (await owner.get(`/api/sandboxes/${sandboxId}`)).json()
  expect(view).toMatchObject({ id: sandboxId, state: expect.stringMatching(/^end(ing|ed)$/), extensionsLeft: 10 })
  expect(view.tasks.flatMap((task: { hints: string[] }) => task.hints)).toEqual([])
  await Promise.all([owner.dispose(), stranger.dispose()])
})

test('twice at once is once', async ({ playwright, baseURL }) => {
  const origin = baseURL ?? ''
  const request = await playwright.request.newContext({ baseURL: origin })
  const name = await signInByRequest(request, origin)
  const twice = (method: Method, path: string, data?: object) =>
    Promise.all([0, 1].map(() => request.fetch(path, { method, headers: { origin }, ...(data && { data }) })))
  const [one, two] = await Promise.all(
    (await twice('POST', '/api/sandboxes', { labId: 'challenges/two-namespaces' })).map((answer) => answer.json()),
  )
  expect(one.id).toBe(two.id)
  for (const hint of await twice('POST', `/api/attempts/${one.attemptId}/hints`, { taskId: 'namespaces', index: 0 }))
    expect((await hint.json()).tasks[0].hints).toHaveLength(1)
  for (const answer of await twice('DELETE', `/api/sandboxes/${one.id}`)) expect(answer.status()).toBe(200)
  for (const what of ['extend', 'reset'])
    for (const answer of await twice('POST', `/api/sandboxes/${one.id}/${what}`)) await expectRefusal(what, answer, 410)
  const gone = (await twice('DELETE', '/api/account', { typed: name })).map((answer) => answer.status())
  expect(gone).toContain(200)
  expect((await request.get('/api/account/export')).status()).toBe(401)
  await request.dispose()
})

test('routes that answer strangers: no foreign page, no token, no size, no log from outside', async ({
  playwright,
  baseURL,
}) => {
  const origin = baseURL ?? ''
  const request = await playwright.request.newContext({ baseURL: origin })
  const post = (path: string, form: Record<string, string>, headers = { origin }) =>
    request.post(`/api/auth/${path}`, { form: { json: 'true', ...form }, headers })
  for (const headers of [{ origin: 'https://evil.example' }, {}])
    await expectRefusal('a guest from elsewhere', await request.post('/api/guests', { headers }), 403)
  await expectRefusal('a log entry', await post('_log', { level: 'error', code: LONG }), 404)
  await expectRefusal('too large', await post('callback/dev', { name: 'x'.repeat(20_000) }), 413)
  await expectRefusal(
    'a foreign page',
    await post('callback/dev', { name: 'Ada' }, { origin: 'https://evil.example' }),
    403,
  )
  const { csrfToken } = await (await request.get('/api/auth/csrf')).json()
  for (const [form, error] of [
    [{ name: 'Ada' }, 'csrf'],
    [{ name: 'Ada', csrfToken: SCRIPT }, 'csrf'],
    [{ csrfToken }, 'error=bad-request'],
    [{ name: LONG, csrfToken }, 'error=bad-request'],
  ] as const) {
    expect((await (await post('callback/dev', { ...form })).json()).url).toContain(error)
  }
  for (const path of ['nothing', 'callback/nobody?code=1', 'signin/nobody', 'callback/email?email[]=a&token=b'])
    expect(await (await request.get(`/api/auth/${path}`)).text()).not.toMatch(/node_modules|prisma| {4}at /i)
  expect((await request.get('/api/account/export')).status()).toBe(401)
  await request.dispose()
})

const ODD_PAGES: [string, number][] = [
  [`/learn?q=${encodeURIComponent(SCRIPT)}`, 200],
  [`/learn?q=${LONG}`, 200],
  ['/learn?q=a&q=b&level=king&time=-1&topic=__proto__&done=perhaps', 200],
  ['/learn/__proto__/constructor', 404],
  [`/learn/${encodeURIComponent(SCRIPT)}/x`, 404],
  ['/learn/container-networking/..%2F..%2F..%2Fetc%2Fpasswd', 404],
  [`/challenges/${LONG.slice(0, 2000)}`, 404],
  ['/challenges/%00', 404],
  ['/challenges/constructor', 404],
  [`/signin?error=${encodeURIComponent(SCRIPT)}&callbackUrl=javascript:alert(1)`, 200],
  ['/signin?error=constructor&sent=__proto__', 200],
  [`/signin/link?email=${encodeURIComponent(SCRIPT)}&token=${'0'.repeat(64)}&callbackUrl=javascript:alert(1)`, 200],
  [`/signin/admin?token=${encodeURIComponent(SCRIPT)}&token=b`, 200],
  ['/me', 200],
  ['/me/settings?tab=__proto__', 200],
]

test('odd addresses are whole pages', async ({ page }) => {
  for (const [path, status] of ODD_PAGES) {
    await test.step(path.slice(0, 80), async () => {
      const response = await page.goto(path)
      expect(response?.status()).toBe(status)
      await expect(page.getByRole('heading', { level: 1 })).toHaveCount(1)
      expect(await page.evaluate(() => 'ran' in window)).toBe(false)
      expect(await page.locator('a[href^="javascript:"]').count()).toBe(0)
    })
  }
})

test('forms keep what was typed: searched, too long, offline', async ({ page, context }) => {
  await page.goto('/learn')
  await page.getByLabel('Search').fill(`"><img src=x onerror="window.ran=1">`)
  await page.getByRole('button', { name: 'Show' }).click()
  await expect(page.getByText('Nothing here matches')).toBeVisible()
  await expect(page.getByLabel('Search')).toHaveValue(`"><img src=x onerror="window.ran=1">`)

  await page.goto('/signin')
  const name = page.getByLabel('Your name')
  await name.evaluate((input) => input.removeAttribute('maxlength'))
  await name.fill(LONG)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect(page.getByText('A name has 1 to 40 characters.').last()).toBeVisible()
  await expect(name).toHaveValue(LONG)
  await name.fill('Test of forms')
  await context.setOffline(true)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect(page.getByText('The site cannot be reached.')).toBeVisible()
  await expect(name).toHaveValue('Test of forms')
  await context.setOffline(false)
  await page.getByRole('button', { name: 'Sign in', exact: true }).dblclick()
  await page.waitForURL('/')

  await page.goto('/me/settings')
  await page.getByLabel('Display name').fill('Another name')
  await context.setOffline(true)
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByText('The site cannot be reached.')).toBeVisible()
  await expect(page.getByLabel('Display name')).toHaveValue('Another name')
  await context.setOffline(false)
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByRole('status').getByText('Saved')).toBeVisible()

  await page.goto('/signin/admin?token=made-up')
  await page.getByRole('button', { name: 'Make me administrator' }).click()
  await expect(page.getByRole('main').getByRole('alert')).toContainText('This link is used up')
})

const state = (page: Page) => page.getByTestId('sandbox-state')

test('a machine asked for offline, twice, by a page whose session is gone, and behind the back button', async ({
  page,
  context,
}) => {
  const name = await signIn(page, CHALLENGE)
  const start = page.getByRole('button', { name: 'Start the machine' })
  await context.setOffline(true)
  await start.click()
  await expect(page.getByText('The site cannot be reached.')).toBeVisible()
  await context.setOffline(false)
  const asked: string[] = []
  page.on('request', (request) => request.method() === 'POST' && asked.push(request.url()))
  await start.dblclick()
  await expect(state(page)).toHaveAttribute('data-state', 'ready', { timeout: 60_000 })
  expect(asked).toHaveLength(1)

  // The stream of changes is cut, and the next one asks who is there.
  await page.route('**/events', (route) => route.abort())
  await page.reload()
  await context.clearCookies()
  await page.unroute('**/events')
  await expect(page.getByText('You are signed out, so this page stands still.')).toBeVisible({ timeout: 20_000 })
  await page
    .getByRole('button', { name: /^Hint \(1 of/ })
    .first()
    .click()
  await page.waitForURL('**/signin?error=signed-out&callbackUrl=*')
  await expect(page.getByRole('main').getByRole('alert')).toContainText(
    'your machine and your progress are still there',
  )
  await page.getByLabel('Your name').fill(name)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.waitForURL(`**${CHALLENGE}`)
  await expect(state(page)).toHaveAttribute('data-state', 'ready')
  await page.goBack()
  await expect(page.getByLabel('Your name')).toBeHidden()

  await page.goto(CHALLENGE)
  await page.getByRole('button', { name: 'End', exact: true }).click()
  await page.getByRole('button', { name: 'End the machine' }).click()
  await expect(state(page)).toHaveAttribute('data-state', 'ended', { timeout: 60_000 })
  await page.getByRole('link', { name: 'My progress' }).first().click()
  await page.waitForURL('**/me')
  await page.goBack()
  await expect(state(page)).toHaveAttribute('data-state', 'ended')

  await page.goto('/me/settings')
  await page.getByRole('button', { name: 'Sign out', exact: true }).click()
  await expect(page.getByRole('banner').getByRole('link', { name: 'Sign in' })).toBeVisible()
  await page.goBack()
  await expect(page.getByText(name)).toBeHidden()
})

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false })

  test('everything that is there to be read can be read', async ({ page }) => {
    await page.goto(LESSON)
    const predictions = page.getByRole('group', { name: 'Predict first' })
    await expect(predictions.first()).toBeVisible()
    await expect(page.getByRole('button', { name: 'That is my guess' })).toHaveCount(0)
    for (const outcome of await page.locator('.lesson div[aria-live="polite"]').all())
      await expect(outcome).toBeVisible()
    for (const [path, heading] of [
      ['/', /./],
      [CHALLENGE, /./],
      ['/signin', 'Who is at the machine?'],
      ['/no-such-sheet', 'Page not found'],
    ] as const) {
      await page.goto(path)
      await expect(page.getByRole('heading', { level: 1 }).first()).toHaveText(heading)
    }
    await page.goto('/signin')
    await expect(page.getByText('Signing in needs JavaScript')).toBeVisible()
  })
})
