import { expect, type Page, test } from '@playwright/test'
import { namespacesOf } from '#lib/sandbox/names.ts'
import { expectAccessible } from './support/axe.ts'
import { signIn } from './support/sign-in.ts'
import { terminalOf, useReadableTerminal } from './support/terminal.ts'
import { namespaceExists } from './support/traces.ts'

const CHALLENGE = '/challenges/two-namespaces'
// The trace is the recording: every step with its picture, in test-results.
test.use({ trace: 'on', viewport: { width: 1440, height: 900 } })

const task = (page: Page, id: string) => page.getByTestId(`task-${id}`)

/** The id of the sandbox whose events the page follows. */
function sandboxOf(page: Page): Promise<string> {
  return page
    .waitForRequest((request) => /\/api\/sandboxes\/[^/]+\/events/.test(request.url()))
    .then((request) => request.url().split('/').at(-2) ?? '')
}

test('from signing in to a solved challenge, and nothing left', async ({ page }) => {
  await useReadableTerminal(page)
  const terminal = terminalOf(page)

  await signIn(page, '/learn')
  await page
    .getByRole('link', { name: /Two namespaces/ })
    .first()
    .click()
  await page.waitForURL(`**${CHALLENGE}`)

  const started = sandboxOf(page)
  await page.getByRole('button', { name: 'Start the machine' }).click()
  const sandboxId = await started
  const { sys } = namespacesOf(sandboxId)
  await expect(page.getByTestId('sandbox-state')).toHaveAttribute('data-state', 'ready', { timeout: 60_000 })
  expect(await namespaceExists(sys)).toBe(true)
  await expect(task(page, 'namespaces')).toHaveAttribute('data-verdict', 'not-yet', { timeout: 20_000 })
  await expect(task(page, 'ping')).toHaveAttribute('data-verdict', 'waiting')

  // What is typed differs from what must come back.
  await terminal.run(`x=ll; echo he\${x}o`, /hello/)
  await terminal.run('echo "shell"=$$', /shell=\d+/)
  const shell = /shell=(\d+)/.exec(await terminal.screen())?.[1]

  await terminal.run('ip netns add red && ip netns add blue && echo made-$(ip netns | wc -l)', /made-2/)
  await expect(task(page, 'namespaces')).toHaveAttribute('data-verdict', 'pass', { timeout: 10_000 })
  await expect(task(page, 'namespaces')).toContainText('red and blue are two networks')
  await expect(task(page, 'cable')).toHaveAttribute('data-verdict', 'not-yet', { timeout: 10_000 })

  await page.reload()
  await expect(task(page, 'namespaces')).toHaveAttribute('data-verdict', 'pass')
  await terminal.run('echo "again"=$$', new RegExp(`again=${shell}\\b`))
  expect(await terminal.screen()).toContain(`shell=${shell}`)

  await terminal.run(
    'ip link add red-end netns red type veth peer name blue-end netns blue; echo cabled-$?',
    /cabled-0/,
  )
  await expect(task(page, 'cable')).toHaveAttribute('data-verdict', 'pass', { timeout: 10_000 })
  await terminal.run('ip -n red address add 192.168.77.1/24 dev red-end; echo addressed-$?', /addressed-0/)
  await terminal.run('ip -n blue address add 192.168.77.2/24 dev blue-end; echo both-$?', /both-0/)
  await terminal.run('ip -n red link set red-end up; ip -n blue link set blue-end up; echo up-$?', /up-0/)
  for (const id of ['addresses', 'ping', 'tidy'])
    await expect(task(page, id)).toHaveAttribute('data-verdict', 'pass', { timeout: 15_000 })
  await expect(page.getByText(/Solved/).first()).toBeVisible({ timeout: 10_000 })
  await expectAccessible(page)

  // A task that was true says until when.
  await terminal.run('ip netns delete blue; echo gone-$?', /gone-0/)
  await expect(task(page, 'namespaces')).toContainText('It held until', { timeout: 10_000 })

  await page.getByRole('button', { name: 'End', exact: true }).click()
  await page.getByRole('button', { name: 'End the machine' }).click()
  await expect(page.getByTestId('sandbox-state')).toHaveAttribute('data-state', 'ended', { timeout: 30_000 })
  await expect.poll(() => namespaceExists(sys), { timeout: 60_000 }).toBe(false)

  await page.goto('/me')
  await expect(page.getByRole('main')).toContainText(/Solved/)
  await expectAccessible(page)
})

test('a machine is its owner’s: another person gets not one byte', async ({ page, browser, baseURL }) => {
  await signIn(page, CHALLENGE)
  const started = sandboxOf(page)
  await page.getByRole('button', { name: 'Start the machine' }).click()
  const sandboxId = await started
  await expect(page.getByTestId('sandbox-state')).toHaveAttribute('data-state', 'ready', { timeout: 60_000 })

  const other = await browser.newContext({ baseURL: baseURL ?? '' })
  const stranger = await other.newPage()
  await signIn(stranger, '/learn')
  for (const [method, path] of [
    ['GET', ''],
    ['DELETE', ''],
    ['POST', '/extend'],
    ['POST', '/reset'],
    ['GET', '/events'],
  ] as const) {
    const response = await stranger.request.fetch(`/api/sandboxes/${sandboxId}${path}`, {
      method,
      headers: { origin: baseURL ?? '' },
    })
    expect([method, path, response.status()]).toEqual([method, path, 404])
  }
  const query = new URLSearchParams({ sandbox: sandboxId, machine: 'box', terminal: 'main', client: 'x', from: '-1' })
  const closed = await stranger.evaluate(
    (path) =>
      new Promise<string>((resolve) => {
        const socket = new WebSocket(`${location.origin.replace('http', 'ws')}${path}`, 'drydock.terminal.v1')
        socket.onopen = () => resolve('opened')
        socket.onerror = () => resolve('refused')
      }),
    `/ws/terminal?${query}&cols=80&rows=24`,
  )
  expect(closed).toBe('refused')
  await other.close()

  await page.getByRole('button', { name: 'End', exact: true }).click()
  await page.getByRole('button', { name: 'End the machine' }).click()
  await expect(page.getByTestId('sandbox-state')).toHaveAttribute('data-state', 'ended', { timeout: 60_000 })
})
