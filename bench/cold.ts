import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { kubectl, serverVersion } from '#bench/kubectl.ts'
import type { Platform } from '#bench/platform.ts'
import { tell } from '#bench/report.ts'
import { endSandbox, SandboxPage, startSandbox } from '#bench/sandbox.ts'
import { machine, percentile, summary } from '#bench/stats.ts'
import { openTerminal } from '#bench/terminal.ts'

/** G7 of design/goals.md: from the click to the first prompt with an empty pool, against kubectl doing a bare pod. */
const GOAL = { p50: 0.6, p95: 0.8 }

/** The cookie's user must have no live sandbox. `repeats`: blocks of A B B A, each two samples of either arm; at least 3. */
export type ColdContext = Platform & { repeats: number }

type Sample = { ms: number; stages?: Record<string, number> }

/** Runs both arms interleaved and tells a line for each and one with the ratio. Resolves with pass or fail. */
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
  tell({ ...common, arm: 'drydock', ...a, stagesP50Ms: stages(samples.drydock) })
  tell({ ...common, arm: 'kubectl create ns + run + wait', ...b })
  const ratio = { p50: round(a.p50Ms / b.p50Ms), p95: round(a.p95Ms / b.p95Ms) }
  const pass = ratio.p50 <= GOAL.p50 && ratio.p95 <= GOAL.p95
  tell({ bench: 'cold', goal: 'G7', ratio, limit: GOAL, pass })
  return pass
}

/** The way of a browser: start, hear by the event stream that it is ready, open the terminal, see bytes of the shell. */
async function drydock(ctx: ColdContext): Promise<Sample> {
  const began = performance.now()
  const since = () => performance.now() - began
  const { id } = await startSandbox(ctx, ctx.labId)
  const posted = since()
  try {
    using page = new SandboxPage(ctx, id)
    const { machines } = await page.ready()
    const ready = since()
    const terminal = await openTerminal(ctx, id, machines[0])
    const prompt = since()
    terminal.close()
    return { ms: prompt, stages: { posted, ready: ready - posted, prompt: prompt - ready } }
  } finally {
    await endSandbox(ctx, id)
  }
}

async function kubectlArm(ctx: ColdContext): Promise<Sample> {
  const namespace = `bench-cold-${randomUUID().slice(0, 8)}`
  const overrides = JSON.stringify({ spec: { hostUsers: false, terminationGracePeriodSeconds: 0 } })
  const began = performance.now()
  try {
    await kubectl(ctx, ['create', 'namespace', namespace])
    const image = ['--image', ctx.images.root ?? '', '--image-pull-policy', 'IfNotPresent']
    const command = ['--command', '--', 'sleep', '3600']
    await kubectl(ctx, ['-n', namespace, 'run', 'p', ...image, '--overrides', overrides, ...command])
    await kubectl(ctx, ['-n', namespace, 'wait', '--for=condition=Ready', 'pod/p', '--timeout=60s'])
    return { ms: performance.now() - began }
  } finally {
    await kubectl(ctx, ['delete', 'namespace', namespace, '--wait=true'])
    await sleep(200)
  }
}

const round = (value: number) => Math.round(value * 100) / 100

/** The median of each stage of our arm. */
function stages(samples: Sample[]): Record<string, number> {
  const names = Object.keys(samples[0]?.stages ?? {})
  const of = (name: string) => samples.map(({ stages }) => stages?.[name] ?? Number.NaN)
  return Object.fromEntries(names.map((name) => [name, round(percentile(of(name), 0.5))]))
}
