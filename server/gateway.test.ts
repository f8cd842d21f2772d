import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import pino from 'pino'
import { afterEach, describe, expect, it } from 'vitest'
import WebSocket from 'ws'
import { AppError } from '#lib/errors.ts'
import { type TerminalQuery, terminalUrl } from '#lib/terminal/endpoint.ts'
import type { ExecHandlers, ExecPort, ExecTarget } from '#lib/terminal/exec-port.ts'
import { createDeframer, lengthPrefixed } from '#lib/terminal/framing.ts'
import {
  CLIENT_PAYLOAD_MAX_BYTES,
  CLOSE,
  type ClientFrame,
  decodeClient,
  decodeServer,
  encodeClient,
  encodeServer,
  type ServerFrame,
  SUBPROTOCOL,
} from '#lib/terminal/protocol.ts'
import { createGateway, type GatewayOptions } from '#server/gateway.ts'

const ORIGIN = 'http://127.0.0.1:4200'
const ME = { userId: 'me' }
const query: TerminalQuery = {
  sandbox: 'sandbox1',
  machine: 'box',
  terminal: 'main',
  client: '5b0b4a3e-7a5e-4b57-9a51-0c9d6a6c4b11',
  from: -1,
  cols: 80,
  rows: 24,
}

/** A machine's end of exec in memory: what the browser sent, and a way to answer. */
class FakeMachine {
  received: ClientFrame[] = []
  opened: { target: ExecTarget; command: string[] }[] = []
  handlers: ExecHandlers | undefined
  paused = false
  closed = 0
  fails: AppError | null = null
  #waiters: { wanted: (machine: FakeMachine) => boolean; done: () => void }[] = []

  readonly exec: ExecPort = {
    open: async (target, command, handlers) => {
      if (this.fails) throw this.fails
      this.opened.push({ target, command })
      this.handlers = handlers
      const push = createDeframer(1 << 17, (message) => {
        this.received.push(structuredClone(decodeClient(message)))
        this.#changed()
      })
      this.#changed()
      const set = (change: () => void) => () => {
        change()
        this.#changed()
      }
      return {
        write: push,
        bufferedBytes: 0,
        endInput: () => {},
        pause: set(() => {
          this.paused = true
        }),
        resume: set(() => {
          this.paused = false
        }),
        close: set(() => {
          this.closed++
        }),
      }
    },
  }

  say(frame: ServerFrame): void {
    this.handlers?.onStdout(lengthPrefixed(encodeServer(frame)))
  }

  until(wanted: (machine: FakeMachine) => boolean): Promise<void> {
    return new Promise((done) => {
      this.#waiters.push({ wanted, done })
      this.#changed()
    })
  }

  #changed(): void {
    for (const waiter of this.#waiters) if (waiter.wanted(this)) waiter.done()
  }
}

const cleanUps: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp()
})

async function setUp(options: Partial<GatewayOptions> = {}) {
  const machine = new FakeMachine()
  const gateway = createGateway({
    exec: machine.exec,
    authenticate: async ({ cookie }: IncomingHttpHeaders) => (cookie === 'me' ? ME : null),
    findTerminal: async ({ sandboxId }) => {
      if (sandboxId !== 'sandbox1') throw new AppError('not-found', 'no')
      return 'dd-1-sys'
    },
    publicUrl: ORIGIN,
    log: pino({ level: 'silent' }),
    ...options,
  })
  const server = createServer((incoming, response) => {
    if (!gateway.handleRequest(incoming, response)) response.writeHead(404).end()
  })
  server.on('upgrade', (incoming, socket, head) => {
    if (!gateway.handleUpgrade(incoming, socket, head)) socket.destroy()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const sockets: WebSocket[] = []
  cleanUps.push(async () => {
    for (const socket of sockets) socket.terminate()
    await gateway.close()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const open = (changes: Partial<TerminalQuery> = {}, headers: Record<string, string> = {}) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${terminalUrl({ ...query, ...changes })}`, SUBPROTOCOL, {
      headers: { origin: ORIGIN, cookie: 'me', ...headers },
    })
    // Terminating a socket that is still opening is an error to `ws`.
    socket.on('error', () => {})
    sockets.push(socket)
    return socket
  }
  /** A socket through which both ends can be heard. */
  const connect = async (changes: Partial<TerminalQuery> = {}) => {
    const before = machine.opened.length
    const socket = open(changes)
    await Promise.all([once(socket, 'open'), machine.until(({ opened }) => opened.length > before)])
    return socket
  }
  return { machine, gateway, port, open, connect }
}

/** What an upgrade answered when it was refused. */
async function refusalOf(port: number, path: string, headers: Record<string, string>, method = 'GET') {
  const sent = request({ port, host: '127.0.0.1', path, method, headers })
  sent.end()
  const [response] = await once(sent, 'response')
  let body = ''
  for await (const part of response) body += part
  return { status: response.statusCode, code: JSON.parse(body).error.code }
}

const handshake = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'sec-websocket-protocol': SUBPROTOCOL,
  origin: ORIGIN,
  cookie: 'me',
}

const nextFrame = async (socket: WebSocket) => decodeServer((await once(socket, 'message'))[0])
const closeOf = async (socket: WebSocket) => (await once(socket, 'close'))[0] as number

describe('gateway admission', () => {
  const refused = async (headers: Record<string, string>, changes: Partial<TerminalQuery> = {}, path?: string) => {
    const { port, machine } = await setUp()
    const refusal = await refusalOf(port, path ?? terminalUrl({ ...query, ...changes }), { ...handshake, ...headers })
    expect(machine.opened).toEqual([])
    return refusal
  }

  it('refuses each fault before the upgrade, by status and code', async () => {
    expect(await refused({ 'sec-websocket-version': '8' })).toEqual({ status: 400, code: 'bad-request' })
    expect(await refused({ 'sec-websocket-protocol': 'other' })).toEqual({ status: 400, code: 'bad-request' })
    expect(await refused({}, { from: -2 })).toEqual({ status: 400, code: 'bad-request' })
    expect(await refused({}, { cols: 70000 })).toEqual({ status: 400, code: 'bad-request' })
    expect(await refused({}, { client: 'me; rm -rf /' })).toEqual({ status: 400, code: 'bad-request' })
    expect(await refused({}, { machine: '--help' })).toEqual({ status: 400, code: 'bad-request' })
    expect(await refused({}, {}, '/ws/terminal')).toEqual({ status: 400, code: 'bad-request' })
    expect(await refused({ origin: 'http://evil.example' })).toEqual({ status: 403, code: 'forbidden' })
    // A learner's own page may try from the host of a preview (docs/decisions/0017).
    const sibling = { origin: 'http://0-sandbox1.lab.localhost:4200' }
    expect(await refused(sibling)).toEqual({ status: 403, code: 'forbidden' })
    expect(await refused({ origin: 'null' })).toEqual({ status: 403, code: 'forbidden' })
    expect(await refused({ cookie: 'someone' })).toEqual({ status: 401, code: 'unauthenticated' })
    expect(await refused({}, { sandbox: 'another' })).toEqual({ status: 404, code: 'not-found' })
  })

  it('passes on what the sandbox says, and calls a database that is away 503', async () => {
    for (const [thrown, status] of [
      [new AppError('gone', ''), 410],
      [new AppError('conflict', ''), 409],
      [new Error('connection refused'), 503],
    ] as const) {
      const { port } = await setUp({ findTerminal: () => Promise.reject(thrown) })
      expect((await refusalOf(port, terminalUrl(query), handshake)).status).toBe(status)
    }
  })

  it('keeps to the number of sockets a user may have, and gives a place back', async () => {
    const { open, port } = await setUp({ limits: { socketsPerUser: 2 } })
    const [first, second] = [open(), open()]
    await Promise.all([once(first, 'open'), once(second, 'open')])
    expect((await refusalOf(port, terminalUrl(query), handshake)).status).toBe(429)
    first.close()
    await closeOf(first)
    await once(open(), 'open')
  })

  it('keeps to it also when they all come at once', async () => {
    const { open } = await setUp({ limits: { socketsPerUser: 2 } })
    const outcomes = await Promise.all(
      Array.from({ length: 6 }, async () => {
        const socket = open()
        return Promise.race([
          once(socket, 'open').then(() => 'open'),
          once(socket, 'unexpected-response').then(([, response]) => response.statusCode),
        ])
      }),
    )
    expect(outcomes.toSorted()).toEqual([429, 429, 429, 429, 'open', 'open'])
  })

  it('answers plain HTTP with what a socket would be told', async () => {
    const { port } = await setUp()
    const ask = (changes: Partial<TerminalQuery>, cookie = 'me') =>
      fetch(`http://127.0.0.1:${port}${terminalUrl({ ...query, ...changes })}`, { headers: { cookie } })
    expect((await ask({})).status).toBe(204)
    expect((await ask({}, 'x')).status).toBe(401)
    const missing = await ask({ sandbox: 'other' })
    expect([missing.status, (await missing.json()).error.code]).toEqual([404, 'not-found'])
    expect((await fetch(`http://127.0.0.1:${port}/elsewhere`)).status).toBe(404)
  })

  it('destroys upgrades that nobody takes', async () => {
    const { port } = await setUp()
    const sent = request({ port, host: '127.0.0.1', path: '/_next/hmr', headers: handshake })
    sent.end()
    const [error] = await once(sent, 'error')
    expect(error.code).toBe('ECONNRESET')
  })
})

describe('gateway relay', () => {
  it('attaches in the machine’s container and carries frames both ways', async () => {
    const { connect, machine } = await setUp()
    const socket = await connect({ from: 5 })
    expect(machine.opened).toEqual([
      {
        target: { namespace: 'dd-1-sys', pod: 'box', container: 'machine' },
        command: `/.drydock/agent attach --terminal main --client ${query.client} --from 5 --cols 80 --rows 24`.split(
          ' ',
        ),
      },
    ])
    const attached: ServerFrame = {
      type: 'attached',
      start: 5,
      head: 9,
      inputAck: 0,
      gap: false,
      running: true,
      pid: 7,
    }
    machine.say(attached)
    expect(await nextFrame(socket)).toEqual(attached)
    socket.send(encodeClient({ type: 'resize', cols: 100, rows: 40 }))
    socket.send(encodeClient({ type: 'input', seq: 0, bytes: new TextEncoder().encode('ls') }))
    await machine.until(({ received }) => received.length === 2)
    expect(machine.received[0]).toEqual({ type: 'resize', cols: 100, rows: 40 })
    expect(machine.received[1]).toMatchObject({ type: 'input', seq: 0 })
  })

  it('tells of what may have changed the sandbox, and not of letters and their echo', async () => {
    const told: string[] = []
    const { connect, machine } = await setUp({ onActivity: (id, activity) => told.push(`${id} ${activity}`) })
    const socket = await connect()
    const bytes = (text: string) => new TextEncoder().encode(text)
    socket.send(encodeClient({ type: 'input', seq: 0, bytes: bytes('ls') }))
    socket.send(encodeClient({ type: 'input', seq: 2, bytes: bytes('\r') }))
    await machine.until(({ received }) => received.length === 2)
    expect(told).toEqual(['sandbox1 line'])
    machine.say({ type: 'output', offset: 0, bytes: bytes('ls') })
    machine.say({ type: 'output', offset: 2, bytes: bytes('\r\n') })
    expect(told).toEqual(['sandbox1 line', 'sandbox1 output'])
  })

  it('answers pings itself', async () => {
    const { connect, machine } = await setUp()
    const socket = await connect()
    const token = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8])
    socket.send(encodeClient({ type: 'ping', token }))
    const pong = await nextFrame(socket)
    expect(pong.type === 'pong' && [...pong.token]).toEqual([...token])
    expect(machine.received).toEqual([])
  })

  it('closes on a frame it does not know, and serves the next one', async () => {
    const { machine, open } = await setUp()
    const bad: (Uint8Array | string)[] = [new Uint8Array([0x42]), new Uint8Array(), new Uint8Array([0x02, 1]), 'text']
    for (const message of bad) {
      const socket = open()
      await once(socket, 'open')
      const [error, code] = [nextFrame(socket), closeOf(socket)]
      socket.send(message)
      expect((await error).type).toBe('error')
      expect(await code).toBe(CLOSE.protocolError)
    }
    const big = open()
    await once(big, 'open')
    big.send(new Uint8Array(CLIENT_PAYLOAD_MAX_BYTES + 2))
    expect(await closeOf(big)).toBe(CLOSE.tooBig)
    expect(machine.received).toEqual([])
    await once(open(), 'open')
  })

  it('closes the exec when the browser goes, and the browser when the exec ends', async () => {
    const { connect, machine } = await setUp()
    const first = await connect()
    first.terminate()
    await machine.until(({ closed }) => closed === 1)
    const second = await connect()
    const [error, code] = [nextFrame(second), closeOf(second)]
    machine.handlers?.onEnd({ exitCode: null, message: 'broke' })
    expect(await error).toMatchObject({ type: 'error', error: { code: 'cluster-unavailable' } })
    expect(await code).toBe(CLOSE.tryAgain)
  })

  it('says so when the machine cannot be reached', async () => {
    const { machine, open } = await setUp()
    machine.fails = new AppError('cluster-unavailable', 'secret detail of the cluster')
    const socket = open()
    const [error, code] = [nextFrame(socket), closeOf(socket)]
    const frame = await error
    expect(frame.type === 'error' && frame.error.code).toBe('cluster-unavailable')
    expect(JSON.stringify(frame)).not.toContain('secret detail')
    expect(await code).toBe(CLOSE.tryAgain)
  })

  it('survives a machine that talks nonsense', async () => {
    const { connect, machine } = await setUp()
    const socket = await connect()
    const code = closeOf(socket)
    machine.handlers?.onStdout(new Uint8Array([0xff, 0xff, 0xff, 0xff, 1]))
    expect(await code).toBe(CLOSE.tryAgain)
  })

  it('stops reading a machine whose browser does not read, and goes on later without a loss', async () => {
    const { connect, machine } = await setUp()
    const socket = await connect()
    let received = 0
    socket.on('message', (data: Buffer) => {
      received += data.length - 9
    })
    socket.pause()
    const bytes = new Uint8Array(32 * 1024)
    let offset = 0
    while (!machine.paused) {
      machine.say({ type: 'output', offset, bytes })
      offset += bytes.length
      await new Promise(setImmediate)
    }
    expect(offset).toBeLessThan(32 * 1024 * 1024)
    socket.resume()
    await machine.until(({ paused }) => !paused)
    const code = closeOf(socket)
    machine.handlers?.onEnd({ exitCode: 0, message: '' })
    await code
    expect(received).toBeGreaterThanOrEqual(offset)
  })

  it('slows a browser that types too fast, says so once, and loses nothing', async () => {
    const { connect, machine } = await setUp({ limits: { inputBytesPerSecond: 100_000 } })
    const socket = await connect()
    const notice = nextFrame(socket)
    const started = performance.now()
    for (let seq = 0; seq < 8; seq++)
      socket.send(encodeClient({ type: 'input', seq: seq * 30_000, bytes: new Uint8Array(30_000) }))
    expect(await notice).toMatchObject({ type: 'notice', notice: { kind: 'throttled' } })
    await machine.until(({ received }) => received.length === 8)
    expect(performance.now() - started).toBeGreaterThan(500)
  })

  it('ends a terminal whose session is revoked or whose sandbox is over, and not while nobody can tell', async () => {
    let session: typeof ME | null = ME
    let place: () => Promise<string> = async () => 'n'
    const rechecked = { count: 0 }
    const { open } = await setUp({
      authenticate: async () => session,
      findTerminal: () => {
        rechecked.count++
        return place()
      },
      limits: { recheckMs: 5 },
    })
    const first = open()
    await once(first, 'open')
    place = () => Promise.reject(new Error('the database is away'))
    const seen = rechecked.count
    while (rechecked.count < seen + 3) await new Promise(setImmediate)
    expect(first.readyState).toBe(WebSocket.OPEN)
    place = () => Promise.reject(new AppError('gone', ''))
    expect(await closeOf(first)).toBe(CLOSE.gone)
    place = async () => 'n'
    const second = open()
    await once(second, 'open')
    session = null
    expect(await closeOf(second)).toBe(CLOSE.unauthenticated)
  })

  it('sends everyone away to come back when it closes', async () => {
    const { connect, gateway, port } = await setUp()
    const socket = await connect()
    const code = closeOf(socket)
    await gateway.close()
    expect(await code).toBe(CLOSE.goingAway)
    expect((await refusalOf(port, terminalUrl(query), handshake)).status).toBe(503)
  })
})
