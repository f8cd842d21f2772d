import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { machine as host, summary } from '#bench/stats.ts'
import { MACHINE_CONTAINER, namespacesOf } from '#lib/sandbox/names.ts'
import { TerminalSession } from '#lib/terminal/client.ts'
import { connectFromNode } from '#lib/terminal/node-socket.ts'

/** G1 of design/goals.md: at most so much more than kubectl, in milliseconds. */
const GOAL = { p50Ms: 0.8, p95Ms: 2 }
const KEY_EVERY_MS = 50
const WARM_UP_KEYS = 10
const ANSWER_TIMEOUT_MS = 10_000

export type EchoContext = {
  /** Of a running platform, e.g. http://localhost:4200. */
  baseUrl: string
  /** The Cookie header of the sandbox's owner. */
  cookie: string
  kubeconfig: string
  /** Path of kubectl. */
  kubectl: string
  /** A ready sandbox, and the machine in which both arms type. */
  sandboxId: string
  machine: string
  terminal: string
  /** Keys for each arm, warm-up not counted. Default 1,000. */
  keys?: number
  /** Rounds of A B B A. At least 3. */
  repeats?: number
}

/** A PTY that echoes: what is typed goes in, `onBytes` hears what comes out. */
type Arm = { write: (text: string) => void; close: () => Promise<void> }
type OpenArm = (ctx: EchoContext, onBytes: (bytes: Uint8Array) => void) => Promise<Arm>

/**
 * Types 20 keys a second and times each until its echo, in the same pod, once by the page's way (session, WebSocket,
 * gateway, exec, PTY holder) and once by `kubectl exec -it` in a PTY. In both the kernel's line discipline echoes, under
 * `cat`. Prints a JSON line for each arm and one with the difference; resolves with pass or fail.
 */
export async function run(ctx: EchoContext): Promise<boolean> {
  const arms = { drydock, kubectl }
  const samples: Record<keyof typeof arms, number[]> = { drydock: [], kubectl: [] }
  const repeats = Math.max(3, ctx.repeats ?? 3)
  const keys = Math.ceil((ctx.keys ?? 1000) / (2 * repeats))
  for (let round = 0; round < repeats; round++)
    for (const arm of ['drydock', 'kubectl', 'kubectl', 'drydock'] as const)
      samples[arm].push(...(await block(ctx, arms[arm], keys)))
  const [ours, theirs] = [summary(samples.drydock), summary(samples.kubectl)]
  const common = { bench: 'echo', ...host(), kubectlVersion: await kubectlVersion(ctx) }
  console.log(JSON.stringify({ ...common, arm: 'drydock', ...ours }))
  console.log(JSON.stringify({ ...common, arm: 'kubectl exec -it', ...theirs }))
  const three = (value: number) => Number(value.toFixed(3))
  const difference = { p50Ms: three(ours.p50Ms - theirs.p50Ms), p95Ms: three(ours.p95Ms - theirs.p95Ms) }
  const ratio = { p50: three(ours.p50Ms / theirs.p50Ms), p95: three(ours.p95Ms / theirs.p95Ms) }
  const pass = difference.p50Ms <= GOAL.p50Ms && difference.p95Ms <= GOAL.p95Ms
  console.log(JSON.stringify({ bench: 'echo', goal: 'G1', ratio, difference, limit: GOAL, pass }))
  return pass
}

async function block(ctx: EchoContext, open: OpenArm, keys: number): Promise<number[]> {
  let heard: (bytes: Uint8Array) => void = () => {}
  const arm = await open(ctx, (bytes) => heard(bytes))
  const samples: number[] = []
  try {
    for (let key = 0; key < WARM_UP_KEYS + keys; key++) {
      const letter = String.fromCharCode(97 + (key % 26))
      const echoed = Promise.withResolvers<void>()
      heard = (bytes) => {
        if (bytes.includes(letter.charCodeAt(0))) echoed.resolve()
      }
      const at = performance.now()
      arm.write(letter)
      await inTime(echoed.promise, `the echo of key ${key}`)
      const ms = performance.now() - at
      if (key >= WARM_UP_KEYS) samples.push(ms)
      // A line of the kernel's editor holds 4096 bytes.
      if (key % 1000 === 999) arm.write('\r')
      await sleep(Math.max(0, KEY_EVERY_MS - ms))
    }
  } finally {
    await arm.close()
  }
  return samples
}

const drydock: OpenArm = async (ctx, onBytes) => {
  const { baseUrl, cookie, sandboxId: sandbox, machine, terminal } = ctx
  let text = ''
  const ready = Promise.withResolvers<void>()
  const session = new TerminalSession({
    connect: connectFromNode({ baseUrl, cookie, sandbox, machine, terminal, client: randomUUID() }),
    preflight: async () => null,
    onOutput: (bytes, replayed, parsed) => {
      if (!replayed) text += Buffer.from(bytes).toString('latin1')
      if (text.includes('under-cat\r\n')) ready.resolve()
      onBytes(bytes)
      parsed()
    },
    onAttached: () => {},
    onExit: () => {},
    onNotice: () => {},
    onState: (state) => {
      if (state.kind === 'ended') ready.reject(new Error(`the terminal ended: ${state.code} ${state.reason}`))
    },
    size: { cols: 80, rows: 24 },
  })
  session.start()
  const write = (typed: string) => void session.input(Buffer.from(typed))
  // Whatever ran there before is interrupted; the signal takes waiting input with it, so the rest comes later.
  write('\x03')
  await sleep(500)
  // The command's own echo does not contain the mark.
  write('echo under-""cat; cat >/dev/null\r')
  await inTime(ready.promise, 'the shell')
  await sleep(300)
  return {
    write,
    close: async () => {
      write('\x03')
      await sleep(100)
      session.stop()
    },
  }
}

const kubectl: OpenArm = async (ctx, onBytes) => {
  const { sys } = namespacesOf(ctx.sandboxId)
  const inPod = ['-n', sys, 'exec', '-it', ctx.machine, '-c', MACHINE_CONTAINER, '--']
  const command = ["'sh'", "'-c'", "'echo under-cat; exec cat >/dev/null'"].join(' ')
  const words = [ctx.kubectl, '--kubeconfig', ctx.kubeconfig, ...inPod].map((word) => `'${word}'`)
  // `script` gives kubectl the PTY that a person's terminal would.
  const child: ChildProcessWithoutNullStreams = spawn('script', [
    '-qfc',
    `exec ${words.join(' ')} ${command}`,
    '/dev/null',
  ])
  const ready = Promise.withResolvers<void>()
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()))
  let text = ''
  child.stdout.on('data', (bytes: Buffer) => {
    text = (text + bytes.toString('latin1')).slice(-2000)
    if (text.includes('under-cat')) ready.resolve()
    onBytes(bytes)
  })
  child.once('error', ready.reject)
  child.once('close', () => ready.reject(new Error(`kubectl ended: ${text}`)))
  await inTime(ready.promise, 'kubectl exec')
  await sleep(300)
  return {
    write: (typed) => void child.stdin.write(typed),
    close: async () => {
      child.stdin.write('\x03')
      const timer = setTimeout(() => child.kill(), 2000)
      await exited
      clearTimeout(timer)
    },
  }
}

function inTime<T>(promise: Promise<T>, what: string): Promise<T> {
  const timeout = new Promise<never>((_, reject) => {
    const timer = setTimeout(() => reject(new Error(`${what} did not come in time`)), ANSWER_TIMEOUT_MS)
    promise.then(
      () => clearTimeout(timer),
      () => clearTimeout(timer),
    )
  })
  return Promise.race([promise, timeout])
}

async function kubectlVersion({ kubectl: program, kubeconfig }: EchoContext): Promise<unknown> {
  const child = spawn(program, ['--kubeconfig', kubeconfig, 'version', '--output', 'json'])
  let output = ''
  for await (const bytes of child.stdout) output += bytes
  return JSON.parse(output).serverVersion?.gitVersion
}
