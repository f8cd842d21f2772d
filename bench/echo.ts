import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { type KubectlContext, serverVersion } from '#bench/kubectl.ts'
import { tell } from '#bench/report.ts'
import { type Session, withSandbox } from '#bench/sandbox.ts'
import { machine as host, summary } from '#bench/stats.ts'
import { inTime, openTerminal, type Terminal, typeUntil } from '#bench/terminal.ts'
import { MACHINE_CONTAINER, namespacesOf } from '#lib/sandbox/names.ts'
import type { SandboxView } from '#lib/sandbox/view.ts'

/** G1 of design/goals.md: at most so much more than kubectl, in milliseconds. */
const GOAL = { p50Ms: 0.8, p95Ms: 2 }
const KEY_EVERY_MS = 50
const WARM_UP_KEYS = 10

/** `keys` for each arm, warm-up not counted; `repeats`: rounds of A B B A, at least 3. */
export type EchoContext = Session & KubectlContext & { labId: string; keys: number; repeats: number }

/** A PTY that echoes: what is typed goes in, and comes out. */
export type Arm = Pick<Terminal, 'type' | 'hear'> & { close: () => Promise<void> }
type OpenArm = (ctx: EchoContext, view: SandboxView) => Promise<Arm>

/**
 * Types 20 keys a second and times each until its echo, in the same pod, once by the page's way (session, WebSocket,
 * gateway, exec, PTY holder) and once by `kubectl exec -it` in a PTY. In both the kernel's line discipline echoes, under
 * `cat`. Tells a line for each arm and one with the difference; resolves with pass or fail.
 */
export async function run(ctx: EchoContext): Promise<boolean> {
  const arms = { drydock: (_: EchoContext, view: SandboxView) => quietTerminal(ctx, view), kubectl }
  const samples: Record<keyof typeof arms, number[]> = { drydock: [], kubectl: [] }
  const repeats = Math.max(3, ctx.repeats)
  const keys = Math.ceil(ctx.keys / (2 * repeats))
  await withSandbox(ctx, ctx.labId, async (view) => {
    for (let round = 0; round < repeats; round++)
      for (const arm of ['drydock', 'kubectl', 'kubectl', 'drydock'] as const)
        samples[arm].push(...(await block(ctx, view, arms[arm], keys)))
  })
  const [ours, theirs] = [summary(samples.drydock), summary(samples.kubectl)]
  const common = { bench: 'echo', ...host(), kubernetes: await serverVersion(ctx) }
  tell({ ...common, arm: 'drydock', ...ours })
  tell({ ...common, arm: 'kubectl exec -it', ...theirs })
  const three = (value: number) => Number(value.toFixed(3))
  const difference = { p50Ms: three(ours.p50Ms - theirs.p50Ms), p95Ms: three(ours.p95Ms - theirs.p95Ms) }
  const ratio = { p50: three(ours.p50Ms / theirs.p50Ms), p95: three(ours.p95Ms / theirs.p95Ms) }
  const pass = difference.p50Ms <= GOAL.p50Ms && difference.p95Ms <= GOAL.p95Ms
  tell({ bench: 'echo', goal: 'G1', ratio, difference, limit: GOAL, pass })
  return pass
}

async function block(ctx: EchoContext, view: SandboxView, open: OpenArm, keys: number): Promise<number[]> {
  const arm = await open(ctx, view)
  try {
    return (await timeKeys([arm], WARM_UP_KEYS + keys)).slice(WARM_UP_KEYS)
  } finally {
    await arm.close()
  }
}

/** Milliseconds from each key to its echo: 20 keys a second in all, the arms in turn. */
export async function timeKeys(arms: Arm[], keys: number): Promise<number[]> {
  const samples: number[] = []
  const typed = new Map<Arm, number>()
  for (let key = 0; key < keys; key++) {
    const arm = arms[key % arms.length]
    if (!arm) break
    const letter = String.fromCharCode(97 + (key % 26))
    const echoed = Promise.withResolvers<void>()
    const stop = arm.hear((bytes) => {
      if (bytes.includes(letter.charCodeAt(0))) echoed.resolve()
    })
    const at = performance.now()
    arm.type(letter)
    await inTime(echoed.promise, `the echo of key ${key}`).finally(stop)
    const ms = performance.now() - at
    samples.push(ms)
    // A line of the kernel's editor holds 4096 bytes.
    const count = (typed.get(arm) ?? 0) + 1
    typed.set(arm, count)
    if (count % 1000 === 0) arm.type('\r')
    await sleep(Math.max(0, KEY_EVERY_MS - ms))
  }
  return samples
}

/** The sandbox's first terminal, in which only the kernel answers. */
export async function quietTerminal(session: Session, { id, machines }: SandboxView): Promise<Arm> {
  const terminal = await openTerminal(session, id, machines[0])
  // Whatever ran there before is interrupted; the signal takes waiting input with it, so the rest comes later.
  terminal.type('\x03')
  await sleep(500)
  // The command's own echo does not contain the mark.
  await typeUntil(terminal, 'echo under-""cat; cat >/dev/null', 'under-cat\r\n')
  await sleep(300)
  return {
    ...terminal,
    close: async () => {
      terminal.type('\x03')
      await sleep(100)
      terminal.close()
    },
  }
}

const kubectl: OpenArm = async (ctx, view) => {
  const { sys } = namespacesOf(view.id)
  const inPod = ['-n', sys, 'exec', '-it', view.machines[0]?.name ?? '', '-c', MACHINE_CONTAINER, '--']
  const command = ["'sh'", "'-c'", "'echo under-cat; exec cat >/dev/null'"].join(' ')
  const words = [ctx.kubectl, '--kubeconfig', ctx.kubeconfig, ...inPod].map((word) => `'${word}'`)
  // `script` gives kubectl the PTY that a person's terminal would.
  const child: ChildProcessWithoutNullStreams = spawn('script', [
    '-qfc',
    `exec ${words.join(' ')} ${command}`,
    '/dev/null',
  ])
  const hearers = new Set<(bytes: Uint8Array) => void>()
  const ready = Promise.withResolvers<void>()
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()))
  let text = ''
  child.stdout.on('data', (bytes: Buffer) => {
    text = (text + bytes.toString('latin1')).slice(-2000)
    if (text.includes('under-cat')) ready.resolve()
    for (const hear of hearers) hear(bytes)
  })
  child.once('error', ready.reject)
  child.once('close', () => ready.reject(new Error(`kubectl ended: ${text}`)))
  await inTime(ready.promise, 'kubectl exec')
  await sleep(300)
  return {
    type: (typed) => void child.stdin.write(typed),
    hear: (onBytes) => {
      hearers.add(onBytes)
      return () => void hearers.delete(onBytes)
    },
    close: async () => {
      child.stdin.write('\x03')
      const timer = setTimeout(() => child.kill(), 2000)
      await exited
      clearTimeout(timer)
    },
  }
}
