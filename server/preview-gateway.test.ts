import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, request } from 'node:http'
import { type AddressInfo, createServer as createTcp } from 'node:net'
import { text } from 'node:stream/consumers'
import pino from 'pino'
import { afterEach, describe, expect, it } from 'vitest'
import WebSocket, { WebSocketServer } from 'ws'
import { AppError } from '#lib/errors.ts'
import { previewOf } from '#lib/previews/find-preview.ts'
import { sealPass } from '#lib/previews/pass.ts'
import { FakeDial } from '#lib/previews/testing.ts'
import { createPreviewGateway, type PreviewGatewayOptions } from '#server/preview-gateway.ts'

const SITE = 'http://127.0.0.1:4200'
const DOMAIN = 'lab.localhost:4200'
const HOST = `0-sandbox1.${DOMAIN}`
const secret = 'a secret of thirty-two characters'
const ME = { userId: 'me', sessionId: 'session1', sandboxId: 'sandbox1' }
const cookieFor = (changes: Partial<typeof ME & { host: string }> = {}, now = Date.now()) =>
  `drydock.preview.4200=${sealPass('cookie', { ...ME, host: HOST, ...changes }, { secret, now })}`
const ticketFor = (changes: Partial<typeof ME & { host: string }> = {}, now = Date.now()) =>
  sealPass('ticket', { ...ME, host: HOST, ...changes }, { secret, now })

const cleanUps: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

async function listen(server: ReturnType<typeof createServer> | ReturnType<typeof createTcp>): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanUps.push(() => {
    if ('closeAllConnections' in server) server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

type Heard = { method: string; url: string; headers: IncomingMessage['headers']; body: string }

/** A machine that serves `listener` on the port that the lab declares, and the gateway before it. */
async function setUp(listener: RequestListener | null, options: Partial<PreviewGatewayOptions> = {}) {
  const heard: Heard[] = []
  const machine = createServer(async (incoming, response) => {
    const { method = '', url = '', headers } = incoming
    heard.push({ method, url, headers, body: await text(incoming) })
    listener?.(incoming, response)
  })
  return { heard, machine, ...(await setUpPort(await listen(machine), options)) }
}

async function setUpPort(machinePort: number, options: Partial<PreviewGatewayOptions> = {}) {
  const dial = new FakeDial()
  const spent = new Set<string>()
  const state = { gone: false }
  const gateway = createPreviewGateway({
    exec: dial.exec,
    domain: DOMAIN,
    publicUrl: SITE,
    secret,
    log: pino({ level: 'silent' }),
    spend: async (nonce) => !spent.has(nonce) && spent.add(nonce).size > 0,
    findPreview: async ({ userId, sessionId, sandboxId, index }) => {
      if (userId !== 'me' || sessionId !== 'session1' || sandboxId !== 'sandbox1' || index !== 0)
        throw new AppError('not-found', 'no')
      if (state.gone) throw new AppError('gone', 'ended', { userMessage: 'Its time was over.' })
      const port = { machine: 'box', port: machinePort, title: 'The page' }
      return previewOf({ port, lab: { machines: [] }, vars: {}, sandboxId })
    },
    ...options,
  })
  const server = createServer((incoming, response) => {
    if (!gateway.handleRequest(incoming, response)) response.writeHead(404).end('the site')
  })
  server.on('upgrade', (incoming, socket, head) => {
    if (!gateway.handleUpgrade(incoming, socket, head)) socket.destroy()
  })
  const port = await listen(server)
  cleanUps.push(() => gateway.close())
  /** An answer, whatever it is, to a request for the preview's host with a cookie of its own. */
  const ask = async (path: string, { headers = {}, method = 'GET', body = '' } = {}) => {
    const outgoing = request({
      port,
      host: '127.0.0.1',
      path,
      method,
      headers: { host: HOST, cookie: cookieFor(), ...headers },
    })
    outgoing.end(body)
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage]
    return { status: answer.statusCode, headers: answer.headers, body: await text(answer) }
  }
  const socket = (path = '/', headers: Record<string, string> = {}) => {
    const opened = new WebSocket(`ws://127.0.0.1:${port}${path}`, {
      headers: { host: HOST, cookie: cookieFor(), origin: `http://${HOST}`, ...headers },
    })
    opened.on('error', () => {})
    cleanUps.push(() => opened.terminate())
    return opened
  }
  return { dial, port, ask, socket, state }
}

const hello: RequestListener = (_incoming, response) => void response.end('hello')

describe('a page of a machine', () => {
  it('comes through the examiner, over a connection that is used again', async () => {
    const { ask, dial, heard, machine } = await setUp(hello)
    expect(await ask('/a?b=c')).toMatchObject({ status: 200, body: 'hello' })
    expect(await ask('/two')).toMatchObject({ status: 200, body: 'hello' })
    const { port } = machine.address() as AddressInfo
    expect(dial.opened).toEqual([
      {
        target: { namespace: expect.stringMatching(/^dd-.*-sys$/), pod: 'box', container: 'examiner' },
        command: ['/.drydock/agent', 'dial', `:${port}`],
      },
    ])
    expect(heard.map(({ url }) => url)).toEqual(['/a?b=c', '/two'])
  })

  it('is told what browsers say, and nothing of ours', async () => {
    const { ask, heard } = await setUp(hello)
    await ask('/', {
      headers: {
        cookie: `a=1; ${cookieFor()}; drydock.session.4200=secret; __Host-drydock.session=secret; b=2`,
        connection: 'x-secret',
        'x-secret': 'for one hop',
        'x-forwarded-proto': 'gopher',
        accept: 'text/html',
      },
    })
    expect(heard[0]?.headers).toEqual({
      host: HOST,
      cookie: 'a=1; b=2',
      accept: 'text/html',
      connection: 'keep-alive',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-host': HOST,
      'x-forwarded-proto': 'http',
    })
  })

  it('sets cookies for its own host alone, and none of ours', async () => {
    const { ask } = await setUp((_incoming, response) => {
      response.setHeader('set-cookie', ['a=1; Domain=lab.localhost; Path=/', 'drydock.preview.4200=x', 'b=2; domain'])
      response.setHeader('alt-svc', 'h3=":443"')
      response.end()
    })
    const { headers } = await ask('/')
    expect(headers['set-cookie']).toEqual(['a=1; Path=/', 'b=2'])
    expect(headers).not.toHaveProperty('alt-svc')
    expect(Object.keys(headers).sort()).toEqual(['connection', 'content-length', 'date', 'keep-alive', 'set-cookie'])
  })

  it('takes bodies with a length and without', async () => {
    const { ask, heard } = await setUp(hello)
    await ask('/', { method: 'POST', body: 'a=b', headers: { 'content-length': '3' } })
    await ask('/', { method: 'PUT', body: 'c'.repeat(100_000), headers: { 'transfer-encoding': 'chunked' } })
    await ask('/', { method: 'DELETE' })
    expect(heard.map(({ method, body }) => [method, body.length])).toEqual([
      ['POST', 3],
      ['PUT', 100_000],
      ['DELETE', 0],
    ])
  })

  it('is read no faster than the browser takes it', async () => {
    const part = Buffer.alloc(64 * 1024, 'x')
    let written = 0
    const { port, dial } = await setUp((_incoming, response) => {
      const more = () => {
        while (!response.destroyed && written < 2000) {
          written++
          if (!response.write(part)) return void response.once('drain', more)
        }
        response.end()
      }
      more()
    })
    const outgoing = request({ port, host: '127.0.0.1', headers: { host: HOST, cookie: cookieFor() } })
    outgoing.end()
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage]
    await expect.poll(() => dial.paused, { timeout: 10_000 }).toBeGreaterThan(0)
    let before = -1
    await expect
      .poll(
        () => {
          const still = written === before
          before = written
          return still
        },
        { timeout: 10_000, interval: 200 },
      )
      .toBe(true)
    expect(written).toBeLessThan(1000)
    expect((await text(answer)).length).toBe(2000 * part.length)
  })

  it('is asked again once where the connection had closed meanwhile', async () => {
    const { ask, dial, heard, machine } = await setUp(hello)
    machine.on('request', (incoming) => {
      // Closed when the second request comes, unanswered.
      if (incoming.url === '/second' && heard.length < 2) incoming.socket.destroy()
    })
    await ask('/first')
    expect(await ask('/second')).toMatchObject({ status: 200 })
    expect(dial.opened).toHaveLength(2)
  })
})

describe('no page', () => {
  it('where nobody listens: it tries again by itself', async () => {
    const { ask, machine } = await setUp(null)
    const { port } = machine.address() as AddressInfo
    machine.close()
    const { status, body, headers } = await ask('/')
    expect({ status, retry: headers['retry-after'] }).toEqual({ status: 502, retry: '3' })
    expect(body).toContain(`Nothing answers on port ${port} of box yet`)
    // The script that asks again is let run by its hash.
    const [, script = ''] = /<script>(.*)<\/script>/s.exec(body) ?? []
    const hash = createHash('sha256').update(script).digest('base64')
    expect(headers['content-security-policy']).toContain(`script-src 'sha256-${hash}'`)
    expect(body).toContain(`<title>${headers['drydock-preview']}</title>`)
  })

  it.each([
    ['no HTTP', 'SSH-2.0-OpenSSH_9.9\r\n'],
    ['nothing', ''],
    ['a status that is none', 'HTTP/1.1 1000 Odd\r\n\r\n'],
    ['a status too low', 'HTTP/1.1 099 Odd\r\ncontent-length: 0\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabcd'],
    ['a header of 64 KiB', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(65_536)}\r\n\r\n`],
    ['a control character', 'HTTP/1.1 200 OK\r\nx: a\x01b\r\n\r\n'],
    ['another protocol', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'],
  ])('where a machine says %s', async (_what, said) => {
    const machine = createTcp((socket) => {
      socket.on('error', () => {})
      socket.end(said)
    })
    const { ask } = await setUpPort(await listen(machine))
    const { status, body } = await ask('/')
    expect(status).toBe(502)
    expect(body).toContain('and not as a web server does')
  })

  it('breaks off where a machine breaks off', async () => {
    const machine = createTcp((socket) => {
      socket.on('error', () => {})
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc')
    })
    const { ask } = await setUpPort(await listen(machine))
    await expect(ask('/')).rejects.toThrow('aborted')
  })

  it('where a machine never answers', async () => {
    const { ask } = await setUp(null, { limits: { answerMs: 50 } })
    expect(await ask('/')).toMatchObject({ status: 504 })
  })

  it('where the machine cannot be reached', async () => {
    const { ask, dial } = await setUp(hello)
    dial.fails = new AppError('cluster-unavailable', 'away')
    expect(await ask('/')).toMatchObject({ status: 503, headers: { 'retry-after': '3' } })
  })

  it('for more requests than may wait, which bounds connections too', async () => {
    const { ask, dial } = await setUp(null, { limits: { connections: 2, requests: 4 } })
    const waiting = Array.from({ length: 4 }, () => ask('/'))
    for (const each of waiting) each.catch(() => {})
    await expect.poll(() => dial.opened.length).toBe(2)
    expect(await ask('/')).toMatchObject({ status: 503, body: expect.stringContaining('Too many requests') })
    expect(dial.opened).toHaveLength(2)
  })

  it('of a sandbox that has ended', async () => {
    const { ask, state } = await setUp(hello, { knownMs: 0 })
    expect(await ask('/')).toMatchObject({ status: 200 })
    state.gone = true
    expect(await ask('/')).toMatchObject({ status: 410, body: expect.stringContaining('Its time was over.') })
  })

  it('while the database is away', async () => {
    const { ask } = await setUp(hello, { findPreview: () => Promise.reject(new Error('no database')) })
    const { status, body } = await ask('/')
    expect(status).toBe(503)
    expect(body).not.toContain('no database')
  })
})

describe('a way in', () => {
  const enter = (ticket: string, headers = {}) =>
    [`/.drydock/enter?ticket=${ticket}`, { headers: { cookie: '', ...headers } }] as const

  it('is a ticket, once, for a cookie of the host alone', async () => {
    const { ask, heard } = await setUp(hello)
    const ticket = ticketFor()
    const { status, headers } = await ask(...enter(ticket))
    expect({ status, location: headers.location }).toEqual({ status: 303, location: '/' })
    const [cookie = ''] = headers['set-cookie'] ?? []
    expect(cookie.split('; ').slice(1).sort()).toEqual(['HttpOnly', 'Max-Age=86400', 'Path=/', 'SameSite=Lax'])
    expect(await ask('/', { headers: { cookie: cookie.split(';')[0] } })).toMatchObject({ status: 200 })
    expect(await ask(...enter(ticket))).toMatchObject({ status: 401 })
    // Back in the history of who is in.
    expect(await ask(...enter(ticket, { cookie: cookie.split(';')[0] }))).toMatchObject({ status: 303 })
    expect(heard.map(({ url }) => url)).toEqual(['/'])
  })

  it('is for https only where the site is', async () => {
    const { ask } = await setUp(hello, { publicUrl: 'https://learn.example' })
    const { headers } = await ask(...enter(ticketFor()))
    expect(headers['set-cookie']?.[0]).toMatch(/^__Host-drydock\.preview=.*; Secure$/)
  })

  it.each([
    ['of yesterday', ticketFor({}, Date.now() - 60_000)],
    ['for another host', ticketFor({ host: `1-sandbox1.${DOMAIN}` })],
    ['for another sandbox', ticketFor({ sandboxId: 'sandbox2' })],
    ['that is a cookie', cookieFor().split('=')[1] ?? ''],
    ['of another secret', sealPass('ticket', { ...ME, host: HOST }, { secret: 'x'.repeat(32), now: Date.now() })],
    ['that was changed', ticketFor().replace(/^./, 'Z')],
    ['that is none', 'a.b'],
    ['that is empty', ''],
  ])('is no ticket %s', async (_what, ticket) => {
    const { ask } = await setUp(hello)
    expect(await ask(...enter(ticket))).toMatchObject({
      status: 401,
      headers: expect.not.objectContaining({ 'set-cookie': expect.anything() }),
    })
  })

  it('leads nowhere else, and no path of ours reaches the machine', async () => {
    const { ask, heard } = await setUp(hello)
    const { headers } = await ask(`/.drydock/enter?ticket=${ticketFor()}&to=https://evil.example/`)
    expect(headers.location).toBe('/')
    expect(await ask('/.drydock/other')).toMatchObject({ status: 404 })
    expect(await ask('/.drydock/enter', { method: 'POST' })).toMatchObject({ status: 404 })
    expect(heard).toEqual([])
  })
})

describe('nobody else', () => {
  it.each([
    ['nobody', { cookie: '' }],
    ['another user', { cookie: cookieFor({ userId: 'you' }) }],
    ['who has signed out', { cookie: cookieFor({ sessionId: 'session0' }) }],
    [
      'who holds a cookie of another host',
      { cookie: cookieFor({ host: `0-sandbox2.${DOMAIN}`, sandboxId: 'sandbox2' }) },
    ],
    ['who holds a cookie for another sandbox', { cookie: cookieFor({ sandboxId: 'sandbox2' }) }],
    ['who holds an old cookie', { cookie: cookieFor({}, Date.now() - 25 * 60 * 60_000) }],
    ['who holds a ticket', { cookie: `drydock.preview.4200=${ticketFor()}` }],
    [
      'who asks for a port that is not declared',
      { host: `1-sandbox1.${DOMAIN}`, cookie: cookieFor({ host: `1-sandbox1.${DOMAIN}` }) },
    ],
  ])('sees it: %s', async (_who, headers) => {
    const { ask, dial } = await setUp(hello)
    const { status, body } = await ask('/', { headers })
    expect(status).toBe(401)
    expect(body).toContain('Open this page from your lab')
    expect(body).toContain(`href="${SITE}"`)
    expect(dial.opened).toEqual([])
  })

  it('is kept out by a cookie that a sibling has set beside ours', async () => {
    const { ask } = await setUp(hello)
    const tossed = cookieFor({ host: `0-sandbox2.${DOMAIN}`, sandboxId: 'sandbox2' })
    expect(await ask('/', { headers: { cookie: `${tossed}; ${cookieFor()}` } })).toMatchObject({ status: 200 })
  })

  it.each([
    ['lab.localhost:4200', 404],
    ['0-UPPER_case.lab.localhost:4200', 404],
    ['x.0-sandbox1.lab.localhost:4200', 404],
    [`0-sandbox1.${DOMAIN}`.toUpperCase(), 200],
  ])('is meant by %s', async (host, status) => {
    const { ask } = await setUp(hello)
    expect((await ask('/', { headers: { host } })).status).toBe(status)
  })

  it.each(['127.0.0.1:4200', 'evil-lab.localhost:4200', 'lab.localhost', 'lab.localhost:4201'])(
    'takes %s',
    async (host) => {
      const { ask } = await setUp(hello)
      expect(await ask('/', { headers: { host } })).toMatchObject({ status: 404, body: 'the site' })
    },
  )
})

describe('a WebSocket', () => {
  async function withSockets(options: Partial<PreviewGatewayOptions> = {}) {
    const all = await setUp(hello, options)
    const sockets = new WebSocketServer({ server: all.machine })
    const cookies: (string | undefined)[] = []
    sockets.on('connection', (socket, { headers }) => {
      cookies.push(headers.cookie)
      socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
    })
    return { ...all, cookies }
  }
  const refusal = async (socket: WebSocket) => {
    const [, answer] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage]
    return answer.statusCode
  }

  it('echoes, much and little', async () => {
    const { socket, cookies } = await withSockets()
    const opened = socket('/echo', { cookie: `a=1; ${cookieFor()}` })
    await once(opened, 'open')
    for (const said of ['hello', 'x'.repeat(300_000)]) {
      opened.send(said)
      const [data] = (await once(opened, 'message')) as [Buffer]
      expect(data.toString()).toBe(said)
    }
    expect(cookies).toEqual(['a=1'])
  })

  it.each([
    ['a page of another site', { origin: 'http://evil.example' }],
    ['a sibling', { origin: `http://0-sandbox2.${DOMAIN}` }],
    ['the site itself', { origin: SITE }],
    ['the same host on https', { origin: `https://${HOST}` }],
    ['nobody', { cookie: '' }],
    ['another user', { cookie: cookieFor({ userId: 'you' }) }],
  ])('is refused to %s', async (_who, headers) => {
    const { socket, dial } = await withSockets()
    expect(await refusal(socket('/', headers))).toBe(401)
    expect(dial.opened).toEqual([])
  })

  it('is refused as the machine refuses it', async () => {
    const { socket } = await setUp(null)
    const { socket: other, machine } = await setUp(null)
    machine.on('upgrade', (_incoming, raw) => raw.end('HTTP/1.1 418 Teapot\r\ncontent-length: 0\r\n\r\n'))
    expect(await refusal(other())).toBe(418)
    socket().terminate()
  })

  it('is bounded, and its place is free again when it closes', async () => {
    const { socket, dial } = await withSockets({ limits: { upgraded: 1 } })
    const first = socket()
    await once(first, 'open')
    expect(await refusal(socket())).toBe(503)
    first.close()
    await expect.poll(() => dial.live.size).toBe(0)
    const next = socket()
    await once(next, 'open')
  })

  it('ends with the sandbox', async () => {
    const { socket, state, dial } = await withSockets({ knownMs: 0, limits: { recheckMs: 10 } })
    const opened = socket()
    await once(opened, 'open')
    state.gone = true
    await once(opened, 'close')
    await expect.poll(() => dial.live.size).toBe(0)
  })
})
