import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import WebSocket from 'ws'
import type { Platform } from '#bench/platform.ts'
import { endSandbox, startSandbox, untilState } from '#bench/sandbox.ts'
import { machine, percentile, summary } from '#bench/stats.ts'
import { terminalUrl } from '#lib/terminal/endpoint.ts'
import { decodeServer, FROM_OLDEST, SUBPROTOCOL } from '#lib/terminal/protocol.ts'

/** G7 of design/goals.md: from the click to the first prompt with an empty pool, against kubectl doing a bare pod. */
const GOAL = { p50: 0.6, p95: 0.8 }

/** The cookie's user must have no live sandbox. `repeats`: blocks of A B B A, each two samples of either arm; at least 3. */
export type ColdContext = Platform & { repeats: number }

type Sample = { ms: number; stages?: Record<string, number> }

/** Runs both arms interleaved and prints one JSON line for each and one with the ratio. Resolves with pass or fail. */
export async function run(ctx: ColdContext): Promise<boolean> {
  const arms = { drydock: () => drydock(ctx), kubectl: () => kubectlArm(ctx) }
  const samples: Record<keyof typeof arms, Sample[]> = { drydock: [], kubectl: [] }
  await arms.drydock()
  await arms.kubectl()
  for (let block = 0; block < Math.max(3, ctx.repeats); block++) {
    for (const arm of ['drydock', 'kubectl', 'kubectl', 'drydock'] as const) samples[arm].push(await arms[arm]())
  }
  const [a, b] = [samples.drydock, samples.kubectl].map((arm) => summary(arm.map(({ ms }) => ms)))
  if (!a || !b) throw new Error('no samples')
  const common = { bench: 'cold', ...machine(), kubernetes: await serverVersion(ctx) }
  console.log(JSON.stringify({ ...common, arm: 'drydock', ...a, stagesP50Ms: stages(samples.drydock) }))
  console.log(JSON.stringify({ ...common, arm: 'kubectl create ns + run + wait', ...b }))
  const ratio = { p50: round(a.p50Ms / b.p50Ms), p95: round(a.p95Ms / b.p95Ms) }
  const pass = ratio.p50 <= GOAL.p50 && ratio.p95 <= GOAL.p95
  console.log(JSON.stringify({ bench: 'cold', goal: 'G7', ratio, limit: GOAL, pass }))
  return pass
}

/** The way of a browser: start, hear by the event stream that it is ready, open the terminal, see bytes of the shell. */
async function drydock(ctx: ColdContext): Promise<Sample> {
  const began = performance.now()
  const since = () => performance.now() - began
  const view = await startSandbox(ctx, ctx.labId)
  const posted = since()
  const machine = view.machines[0]
  const terminal = machine?.terminals[0]
  if (!machine || !terminal) throw new Error('the lab has no terminal')
  try {
    await untilState(ctx, view.id, 'ready')
    const ready = since()
    await firstOutput(ctx, { sandbox: view.id, machine: machine.name, terminal })
    const prompt = since()
    return { ms: prompt, stages: { posted, ready: ready - posted, prompt: prompt - ready } }
  } finally {
    await endSandbox(ctx, view.id)
  }
}

function firstOutput(ctx: ColdContext, place: { sandbox: string; machine: string; terminal: string }): Promise<void> {
  const url = new URL(
    terminalUrl({ ...place, client: randomUUID(), from: FROM_OLDEST, cols: 80, rows: 24 }),
    ctx.baseUrl,
  )
  const origin = url.origin
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  const socket = new WebSocket(url, SUBPROTOCOL, { origin, headers: { cookie: ctx.cookie }, handshakeTimeout: 10_000 })
  return new Promise<void>((resolve, reject) => {
    socket.on('error', reject)
    socket.on('close', (code) => reject(new Error(`the terminal closed with ${code}`)))
    socket.on('message', (data: Buffer) => {
      const frame = decodeServer(data)
      if (frame.type === 'error') reject(new Error(frame.error.message))
      if (frame.type === 'output') resolve()
    })
  }).finally(() => socket.close())
}

async function kubectlArm(ctx: ColdContext): Promise<Sample> {
  const namespace = `bench-cold-${randomUUID().slice(0, 8)}`
  const overrides = JSON.stringify({ spec: { hostUsers: false, terminationGracePeriodSeconds: 0 } })
  const began = performance.now()
  try {
    await kubectl(ctx, 'create', 'namespace', namespace)
    const image = ['--image', ctx.images.root ?? '', '--image-pull-policy', 'IfNotPresent']
    const command = ['--command', '--', 'sleep', '3600']
    await kubectl(ctx, '-n', namespace, 'run', 'p', ...image, '--overrides', overrides, ...command)
    await kubectl(ctx, '-n', namespace, 'wait', '--for=condition=Ready', 'pod/p', '--timeout=60s')
    return { ms: performance.now() - began }
  } finally {
    await kubectl(ctx, 'delete', 'namespace', namespace, '--wait=true')
    await sleep(200)
  }
}

function kubectl(ctx: ColdContext, ...args: string[]): Promise<string> {
  const child = spawn(ctx.kubectl, ['--kubeconfig', ctx.kubeconfig, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.on('data', (bytes: Buffer) => {
    output += bytes.toString()
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => (code === 0 ? resolve(output) : reject(new Error(`kubectl ${args[0]}: ${code}`))))
  })
}

const serverVersion = async (ctx: ColdContext): Promise<string> =>
  JSON.parse(await kubectl(ctx, 'version', '--output', 'json')).serverVersion.gitVersion

const round = (value: number) => Math.round(value * 100) / 100

/** The median of each stage of our arm. */
function stages(samples: Sample[]): Record<string, number> {
  const names = Object.keys(samples[0]?.stages ?? {})
  const of = (name: string) => samples.map(({ stages }) => stages?.[name] ?? Number.NaN)
  return Object.fromEntries(names.map((name) => [name, round(percentile(of(name), 0.5))]))
}
