import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { KubeConfig } from '@kubernetes/client-node'
import { afterEach, describe, expect, it } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { createExec } from '#lib/k8s/exec.ts'
import { execStatusOf } from '#lib/k8s/exec-status.ts'
import type { ExecStatus } from '#lib/terminal/exec-port.ts'

const target = { namespace: 'n', pod: 'p', container: 'c' }
const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

/** An API server's end of exec, on loopback. `serve` gets each opened socket and the URL it asked for. */
async function apiServer(
  serve: (socket: WebSocket, url: URL) => void,
  {
    protocols = ['v5.channel.k8s.io'],
    refuse,
  }: { protocols?: string[]; refuse?: { status: number; body: string } } = {},
) {
  const server: Server = createServer()
  const sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => protocols.find((protocol) => offered.has(protocol)) ?? false,
  })
  server.on('upgrade', (request, socket, head) => {
    if (refuse) return socket.end(`HTTP/1.1 ${refuse.status} No\r\nConnection: close\r\n\r\n${refuse.body}`)
    sockets.handleUpgrade(request, socket, head, (opened) => serve(opened, new URL(request.url ?? '', 'http://x')))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => {
    for (const socket of sockets.clients) socket.terminate()
    server.close()
  })
  const config = new KubeConfig()
  config.loadFromClusterAndUser(
    { name: 'fake', server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, skipTLSVerify: true },
    { name: 'me', token: 'secret' },
  )
  return createExec({ current: async () => config })
}

/** Opens and waits for the end; `stdout` collects text. */
async function run(exec: Awaited<ReturnType<typeof apiServer>>, onOpen?: (stream: { close: () => void }) => void) {
  const ended = Promise.withResolvers<ExecStatus>()
  let stdout = ''
  const stream = await exec.open(target, ['cat', 'a b'], {
    onStdout: (bytes) => {
      stdout += Buffer.from(bytes).toString()
    },
    onEnd: ended.resolve,
  })
  onOpen?.(stream)
  return { status: await ended.promise, stdout }
}

const success = `\x03${JSON.stringify({ status: 'Success' })}`

describe('exec', () => {
  it('asks for the command, ignores empty messages and unknown channels, and takes output after the status', async () => {
    let asked: URL | undefined
    const exec = await apiServer((socket, url) => {
      asked = url
      for (const message of ['\x01', '\x09what', '\x01one ', success, '\x01two']) socket.send(Buffer.from(message))
      socket.close(1000)
    })
    expect(await run(exec)).toEqual({ status: { exitCode: 0, message: '' }, stdout: 'one two' })
    expect(asked?.pathname).toBe('/api/v1/namespaces/n/pods/p/exec')
    expect(asked?.searchParams.getAll('command')).toEqual(['cat', 'a b'])
    expect(asked?.searchParams.has('tty')).toBe(false)
  })

  it('falls back to v4 where v5 is unknown, and closes stdin only where that exists', async () => {
    for (const protocol of ['v5.channel.k8s.io', 'v4.channel.k8s.io']) {
      const seen = Promise.withResolvers<string[]>()
      const exec = await apiServer(
        (socket) => {
          const messages: string[] = []
          socket.on('message', (data: Buffer) => messages.push(data.toString('hex')))
          socket.on('close', () => seen.resolve(messages))
        },
        { protocols: [protocol] },
      )
      expect((await run(exec, (stream) => stream.close())).status).toEqual({ exitCode: null, message: 'closed' })
      expect(await seen.promise).toEqual(protocol.startsWith('v5') ? ['ff00'] : [])
    }
  })

  it('says how a connection that breaks without a status ended, once', async () => {
    const exec = await apiServer((socket) => socket.terminate())
    const { status } = await run(exec)
    expect(status.exitCode).toBeNull()
    expect(status.message).toContain('broke')
  })

  it('survives a handler that throws', async () => {
    const exec = await apiServer((socket) => socket.send(Buffer.from('\x01boom')))
    const ended = Promise.withResolvers<ExecStatus>()
    await exec.open(target, ['x'], {
      onStdout: () => {
        throw new Error('bad bytes')
      },
      onEnd: ended.resolve,
    })
    expect(await ended.promise).toEqual({ exitCode: null, message: 'bad bytes' })
  })

  it('cuts long input into messages the API server takes', async () => {
    const lengths = Promise.withResolvers<number[]>()
    const exec = await apiServer((socket) => {
      const seen: number[] = []
      socket.on('message', (data: Buffer) => {
        seen.push(data.length)
        if (data.at(-1) === 0x2e) lengths.resolve(seen)
      })
    })
    const stream = await exec.open(target, ['cat'], { onStdout: () => {}, onEnd: () => {} })
    stream.write(Buffer.concat([Buffer.alloc(2 * 1024 * 1024), Buffer.from('.')]))
    expect(await lengths.promise).toEqual([1024 * 1024 + 1, 1024 * 1024 + 1, 2])
  })

  it('names each refusal', async () => {
    const codeFor = async (status: number) => {
      const exec = await apiServer(() => {}, { refuse: { status, body: '{"message":"why"}' } })
      return exec.open(target, ['x'], { onStdout: () => {}, onEnd: () => {} }).then(
        () => 'opened',
        (error) => `${error.code}: ${error.message.includes('why')}`,
      )
    }
    expect(await codeFor(404)).toBe('not-found: true')
    expect(await codeFor(400)).toBe('conflict: true')
    expect(await codeFor(429)).toBe('limit-reached: true')
    expect(await codeFor(401)).toBe('cluster-unavailable: true')
    expect(await codeFor(500)).toBe('cluster-unavailable: true')
  })

  it('says that the cluster is away when nobody listens', async () => {
    const config = new KubeConfig()
    config.loadFromClusterAndUser({ name: 'no', server: 'http://127.0.0.1:1', skipTLSVerify: true }, { name: 'me' })
    const opening = createExec({ current: async () => config }).open(target, ['x'], {
      onStdout: () => {},
      onEnd: () => {},
    })
    await expect(opening).rejects.toMatchObject({ code: 'cluster-unavailable' })
  })
})

describe('exec status', () => {
  it('tells a command’s own failure from the transport’s', () => {
    const failure = (reason: string, causes: object[]) =>
      execStatusOf(JSON.stringify({ status: 'Failure', reason, message: 'm', details: { causes } }))
    expect(failure('NonZeroExitCode', [{ reason: 'ExitCode', message: '42' }])).toEqual({ exitCode: 42, message: 'm' })
    expect(failure('InternalError', [])).toEqual({ exitCode: null, message: 'm' })
    expect(execStatusOf('not json').exitCode).toBeNull()
  })
})
