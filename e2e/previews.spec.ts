import { expect, type Page, test } from '@playwright/test'
import { expectAccessible } from './support/axe.ts'
import { query } from './support/database.ts'
import { signIn } from './support/sign-in.ts'
import { terminalOf, useReadableTerminal } from './support/terminal.ts'

const CHALLENGE = '/challenges/two-namespaces'
const PORTS = [{ machine: 'box', port: 8080, title: 'The page of the box' }]

/** A page for whoever asks, and a WebSocket that says "heard" at the first byte. */
const SERVER = String.raw`key=
while IFS= read -r line && [[ $line != $'\r' ]]; do
  [[ $line =~ ^[Ss]ec-[Ww]eb[Ss]ocket-[Kk]ey:\ (.*)$'\r'$ ]] && key=\${BASH_REMATCH[1]}
done
if [[ $key ]]; then
  accept=$(printf '%s258EAFA5-E914-47DA-95CA-C5AB0DC85B11' "$key" | sha1sum | cut -c 1-40 | sed 's/../\\x&/g')
  accept=$(printf "$accept" | base64)
  printf 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n' "$accept"
  head -c 1 >/dev/null
  printf '\x81\x05heard'
  cat >/dev/null
else
  printf 'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<title>Box</title><h1>Served by the box</h1>'
fi
`.replaceAll('\\$', '$')

/** No lab that ships declares a port: this one does, for one sandbox. */
async function declarePorts(sandboxId: string): Promise<{ undo: () => Promise<void> }> {
  const own = `test-${sandboxId}`
  const [before] = await query('select "labDigest" as digest from "Sandbox" where id = $1', [sandboxId])
  await query(
    `insert into "LabVersion" (digest, "labId", definition)
       select $1, "labId", jsonb_set(definition, '{lab,ports}', $2::jsonb) from "LabVersion" where digest = $3`,
    [own, JSON.stringify(PORTS), before?.digest],
  )
  const use = (digest: unknown) => query('update "Sandbox" set "labDigest" = $2 where id = $1', [sandboxId, digest])
  await use(own)
  return {
    undo: async () => {
      await use(before?.digest)
      await query('delete from "LabVersion" where digest = $1', [own])
    },
  }
}

async function started(page: Page): Promise<string> {
  const events = page.waitForRequest((request) => /\/api\/sandboxes\/[^/]+\/events/.test(request.url()))
  await page.getByRole('button', { name: 'Start the machine' }).click()
  const sandboxId = (await events).url().split('/').at(-2) ?? ''
  await expect(page.getByTestId('sandbox-state')).toHaveAttribute('data-state', 'ready', { timeout: 60_000 })
  return sandboxId
}

test('a page of a machine, kept apart from the platform', async ({ page, context, browser, baseURL }) => {
  const site = baseURL ?? ''
  await useReadableTerminal(page)
  await signIn(page, CHALLENGE)
  const sandboxId = await started(page)
  const ports = await declarePorts(sandboxId)
  try {
    await page.reload()
    const link = page.getByRole('link', { name: 'The page of the box (opens in a new tab)' })
    const [tab] = await Promise.all([context.waitForEvent('page'), link.press('Enter')])

    await test.step('comes up by itself once somebody serves it', async () => {
      await expect(tab.getByRole('heading')).toHaveText('Nothing answers on port 8080 of box yet')
      await expectAccessible(tab)
      const script = Buffer.from(SERVER).toString('base64')
      const serve = `base64 -d <<<${script} >/tmp/s; socat TCP-LISTEN:8080,fork,reuseaddr,bind=127.0.0.1 EXEC:'bash /tmp/s' & sleep 1; echo served-$((1+1))`
      await terminalOf(page).run(serve, /served-2/)
      await expect(tab.getByRole('heading')).toHaveText('Served by the box', { timeout: 20_000 })
    })

    const url = new URL(tab.url())
    await test.step('has a host, and a cookie, of its own', async () => {
      expect(url.host).toMatch(new RegExp(`^0-${sandboxId}\\.lab\\.localhost:`))
      expect(url.pathname).toBe('/')
      expect((await context.cookies(url.href)).map(({ name }) => name)).toEqual([`drydock.preview.${url.port}`])
      expect(await tab.evaluate(() => [document.cookie, window.opener])).toEqual(['', null])
    })

    const opens = (address: string) =>
      tab.evaluate(
        (target) =>
          new Promise<string>((resolve) => {
            const socket = new WebSocket(target)
            socket.onopen = () => socket.send('x')
            socket.onmessage = ({ data }) => resolve(String(data))
            socket.onerror = () => resolve('refused')
          }),
        address,
      )
    await test.step('speaks WebSocket with its machine, and not with the platform', async () => {
      expect(await opens(`ws://${url.host}/`)).toBe('heard')
      const terminal = new URLSearchParams({ sandbox: sandboxId, machine: 'box', terminal: 'main', from: '-1' })
      terminal.append('client', '5b0b4a3e-7a5e-4b57-9a51-0c9d6a6c4b11')
      for (const size of ['cols', 'rows']) terminal.append(size, '40')
      expect(await opens(`${site.replace('http', 'ws')}/ws/terminal?${terminal}`)).toBe('refused')
    })

    await test.step('reads nothing of the platform, and changes nothing there', async () => {
      const api = `${site}/api/sandboxes/${sandboxId}`
      const tried = await tab.evaluate(
        async ([view, extend]) => {
          const options = { credentials: 'include' } as const
          const read = await fetch(view, options).then(
            () => 'read',
            () => 'refused',
          )
          const sent = await fetch(extend, { ...options, method: 'POST', mode: 'no-cors' }).then(({ type }) => type)
          return [read, sent]
        },
        [api, `${api}/extend`] as const,
      )
      expect(tried).toEqual(['refused', 'opaque'])
      expect(await (await page.request.get(api)).json()).toMatchObject({ extensionsLeft: 10, state: 'ready' })
    })

    await test.step('is nobody else’s, by its address or by a ticket that was used', async () => {
      const other = await browser.newContext()
      const stranger = await other.newPage()
      await stranger.goto(url.href)
      await expect(stranger.getByRole('heading')).toHaveText('Open this page from your lab')
      await expectAccessible(stranger)
      await signIn(stranger, '/')
      const asked = await stranger.request.get(`${site}/api/sandboxes/${sandboxId}/ports/0`)
      expect(asked.status()).toBe(404)
      await other.close()
    })

    await test.step('ends with the machine', async () => {
      await page.request.delete(`${site}/api/sandboxes/${sandboxId}`, { headers: { origin: site } })
      await expect(async () => {
        await tab.reload()
        await expect(tab.getByRole('heading')).toHaveText('This machine has ended', { timeout: 1000 })
      }).toPass({ timeout: 30_000 })
    })
  } finally {
    await page.request.delete(`${site}/api/sandboxes/${sandboxId}`, { headers: { origin: site } })
    await ports.undo()
  }
})
