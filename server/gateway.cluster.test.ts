import { createHash, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import pino from 'pino'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type WebSocket from 'ws'
import { env } from '#lib/env.ts'
import { createCluster } from '#lib/k8s/cluster.ts'
import { createExec } from '#lib/k8s/exec.ts'
import { KubeConfigSource } from '#lib/k8s/kube-config.ts'
import { imageRefs } from '#lib/sandbox/image-refs.ts'
import { sandboxManifests } from '#lib/sandbox/manifests.ts'
import { namespacesOf } from '#lib/sandbox/names.ts'
import { testLab } from '#lib/sandbox/testing.ts'
import { type AttachedInfo, TerminalSession } from '#lib/terminal/client.ts'
import { connectFromNode } from '#lib/terminal/node-socket.ts'
import { createGateway } from '#server/gateway.ts'

const source = new KubeConfigSource(env().KUBECONFIG)
const instance = `test-${randomUUID().slice(0, 8)}`
const cluster = createCluster({ source, instance })
const exec = createExec(source)
const sandboxId = randomUUID()
const { sys } = namespacesOf(sandboxId)
const target = { namespace: sys, pod: 'box', container: 'machine' }
const server = createServer()
let baseUrl = ''
let gateway: ReturnType<typeof createGateway>

beforeAll(async () => {
  const ready = Promise.withResolvers<void>()
  const watch = cluster.watchPods({
    onChange: (pod) => {
      if (pod.sandboxId === sandboxId && pod.ready) ready.resolve()
      if (pod.problem) ready.reject(new Error(pod.problem.kind))
    },
    onGone: () => {},
    onSync: () => {},
    onDown: ready.reject,
  })
  await cluster.create(sandboxManifests({ sandboxId, instance, lab: testLab.lab, images: imageRefs() }))
  await ready.promise.finally(() => watch.stop())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  gateway = createGateway({
    exec,
    authenticate: async () => ({ userId: 'me' }),
    findTerminal: async () => sys,
    publicUrl: baseUrl,
    log: pino({ level: 'silent' }),
  })
  server.on('upgrade', (incoming, socket, head) => {
    if (!gateway.handleUpgrade(incoming, socket, head)) socket.destroy()
  })
})

afterAll(async () => {
  await gateway?.close()
  server.close()
  for (const namespace of await cluster.listNamespaces()) await cluster.deleteNamespace(namespace)
})

const open: TerminalSession[] = []
afterEach(() => {
  for (const session of open.splice(0)) session.stop()
})

/** A page's session on a terminal of its own, and what came out of it. */
function attach(terminal = `t-${randomUUID().slice(0, 8)}`) {
  let chunks: Buffer[] = []
  let length = 0
  let socket: WebSocket | undefined
  const attached: AttachedInfo[] = []
  const waiting = new Set<() => void>()
  const session = new TerminalSession({
    connect: connectFromNode({
      baseUrl,
      cookie: '',
      sandbox: sandboxId,
      machine: 'box',
      terminal,
      client: randomUUID(),
      onSocket: (opened) => {
        socket = opened
      },
    }),
    preflight: async () => null,
    onOutput: (bytes, _, parsed) => {
      chunks.push(Buffer.from(bytes))
      length += bytes.length
      parsed()
      for (const check of waiting) check()
    },
    onAttached: (info) => {
      attached.push(info)
      for (const check of waiting) check()
    },
    onExit: () => {},
    onNotice: () => {},
    onState: () => {},
    size: { cols: 80, rows: 24 },
  })
  const when = (holds: () => boolean) =>
    new Promise<void>((resolve) => {
      const check = () => {
        if (!holds()) return
        waiting.delete(check)
        resolve()
      }
      waiting.add(check)
      check()
    })
  session.start()
  open.push(session)
  return {
    session,
    attached,
    type: (text: string) => session.input(Buffer.from(text)),
    cut: () => socket?.terminate(),
    /** Waits for `mark`, takes what came up to its end, and returns it. A mark spans at most two chunks. */
    until: (mark: string) =>
      new Promise<string>((resolve) => {
        const check = (recent = chunks.slice(-2)) => {
          if (!Buffer.concat(recent).includes(mark)) return
          const output = Buffer.concat(chunks)
          const end = output.indexOf(mark) + mark.length
          waiting.delete(check)
          chunks = [output.subarray(end)]
          resolve(output.subarray(0, end).toString())
        }
        waiting.add(check)
        check(chunks)
      }),
    whenMore: (count: number) => {
      const wanted = length + count
      return when(() => length >= wanted)
    },
    whenAttached: (times: number) => when(() => attached.length >= times),
  }
}

/** A shell that echoes nothing and prints no prompt, so that what comes out is what commands print. */
async function quietShell(terminal?: string) {
  const page = attach(terminal)
  page.type("bind 'set enable-bracketed-paste off'; stty -echo -onlcr; PS1=; echo qui''et\n")
  await page.until('quiet\n')
  return page
}

describe('a terminal on a real cluster', () => {
  it('interrupts a flood', async () => {
    const page = await quietShell()
    page.type('yes\n')
    await page.whenMore(2_000_000)
    page.type('\x03')
    page.type("echo b''ack\n")
    await page.until('back')
  })

  it('carries 20 MB without losing or changing a byte', async () => {
    const page = await quietShell()
    page.type("head -c 15000000 /dev/urandom | base64 >/tmp/blob; sha256sum </tmp/blob; echo su''m\n")
    const sum = /[0-9a-f]{64}/.exec(await page.until('sum\n'))?.[0]
    page.type("printf '<'; cat /tmp/blob; printf '>'\n")
    const body = (await page.until('>')).replace(/^.*</s, '').slice(0, -1)
    expect(body.length).toBeGreaterThan(20_000_000)
    expect(createHash('sha256').update(body).digest('hex')).toBe(sum)
  })

  it('keeps characters whole that are split between frames', async () => {
    const page = await quietShell()
    page.type(`for i in $(seq 1 20000); do printf 'é漢🚢'; done; printf '>'\n`)
    expect(await page.until('>')).toBe(`${'é漢🚢'.repeat(20_000)}>`)
  })

  it('resizes', async () => {
    const page = await quietShell()
    page.session.resize(132, 43)
    page.type('stty size\n')
    expect(await page.until('43 132')).toBe('43 132')
  })

  it('goes on at the very byte after cuts, in the same shell, with everything typed once', async () => {
    const page = await quietShell()
    page.type('echo $$-; for i in $(seq 1 60000); do echo $i; done; echo $$-\n')
    const first = await page.until('-\n')
    const whole = page.until('-\n')
    for (let cuts = 0; cuts < 5; cuts++) {
      // All of it may have come already: what is cut then must lose nothing either.
      await Promise.race([page.whenMore(1 + Math.floor(Math.random() * 40_000)), whole])
      page.cut()
      page.type(`: typed while away ${cuts}\n`)
      await page.whenAttached(cuts + 2)
    }
    const numbers = Array.from({ length: 60_000 }, (_, index) => `${index + 1}\n`).join('')
    expect(await whole).toBe(numbers + first)
    expect(page.attached.length).toBe(6)
    expect(new Set(page.attached.map(({ pid }) => pid)).size).toBe(1)
    expect(page.attached.every(({ missedBytes, reset }) => missedBytes === 0 && !reset)).toBe(true)
    page.type('history | grep -c "typed while away"; echo do""ne\n')
    expect(await page.until('done\n')).toContain('6\n')
  })

  it('is the same shell for the next page', async () => {
    const first = await quietShell('shared')
    first.type('mine=kept; echo pid $$.\n')
    const pid = await first.until('.\n')
    first.session.stop()
    const second = attach('shared')
    second.type('echo $mine; echo pid $$.\n')
    expect(await second.until('kept\n')).toContain(pid)
    expect(await second.until('.\n')).toBe(pid)
  })
})

describe('exec on a real cluster', () => {
  const run = async (command: string[]) => {
    const ended = Promise.withResolvers<{ exitCode: number | null; message: string }>()
    let [stdout, stderr] = ['', '']
    await exec.open(target, command, {
      onStdout: (bytes) => {
        stdout += Buffer.from(bytes).toString()
      },
      onStderr: (bytes) => {
        stderr += Buffer.from(bytes).toString()
      },
      onEnd: ended.resolve,
    })
    return { exitCode: (await ended.promise).exitCode, stdout, stderr }
  }

  it('tells output, errors and exit codes apart', async () => {
    expect(await run(['sh', '-c', 'echo out; echo err >&2; exit 7'])).toEqual({
      exitCode: 7,
      stdout: 'out\n',
      stderr: 'err\n',
    })
    expect((await run(['true'])).exitCode).toBe(0)
    expect((await run(['/no/such/program'])).exitCode).not.toBe(0)
  })

  it('names a pod that is not there', async () => {
    const opening = exec.open({ ...target, pod: 'none' }, ['true'], { onStdout: () => {}, onEnd: () => {} })
    await expect(opening).rejects.toMatchObject({ code: 'not-found' })
  })
})
