import { setTimeout as sleep } from 'node:timers/promises'
import type { KubectlContext } from '#bench/kubectl.ts'
import type { Platform } from '#bench/platform.ts'
import { tell } from '#bench/report.ts'
import { type SandboxPage, type Session, ticked, withSandbox } from '#bench/sandbox.ts'
import { machine as host, percentile, summary } from '#bench/stats.ts'
import { classSamples, LEARNERS } from '#bench/verdict-class.ts'
import { KUBERNETES_SUBJECT, SCRIPT_SUBJECT, type Subject } from '#bench/verdict-subjects.ts'

/** G10 of design/goals.md: from the change to the tick in the page, 95 of 100 within so many milliseconds. */
const GOAL = { kubernetesP95Ms: 300, runP95Ms: 1500, classP95Ms: 2000 }
const TICK_TIMEOUT_MS = 20_000
const WARM_UP = 2

/** The users must have no live sandbox. `repeats`: rounds of A B B A for each kind of check, 3 changes to and fro in each place; at least 3. */
export type VerdictContext = Platform & { repeats: number }

/**
 * Changes what a check looks at, as a learner would, and times each change until the page's event stream has the new
 * verdict; in the other arm until a poll by kubectl shows it. Then a whole class does so at once. Tells a line for each
 * arm and one with the ratios; resolves with pass or fail.
 */
export async function run(ctx: VerdictContext): Promise<boolean> {
  const told = (arm: string, samples: number[]) => {
    tell({ bench: 'verdict', ...host(), arm, ...summary(samples) })
    return percentile(samples, 0.95)
  }
  const kubernetes = await measured(ctx, KUBERNETES_SUBJECT)
  const kubernetesP95Ms = told('Kubernetes check', kubernetes.page)
  const getP95Ms = told('kubectl get, polled', kubernetes.poll)
  const script = await measured(ctx, SCRIPT_SUBJECT)
  const runP95Ms = told('run check', script.page)
  const execP95Ms = told('kubectl exec of the same check, polled', script.poll)
  const classP95Ms = told(`${LEARNERS} learners × 5 run checks`, await classSamples(ctx))
  const ratio = { kubernetes: round(kubernetesP95Ms / getP95Ms), run: round(runP95Ms / execP95Ms) }
  const seen = {
    kubernetesP95Ms: Math.round(kubernetesP95Ms),
    runP95Ms: Math.round(runP95Ms),
    classP95Ms: Math.round(classP95Ms),
  }
  const pass =
    seen.kubernetesP95Ms <= GOAL.kubernetesP95Ms && seen.runP95Ms <= GOAL.runP95Ms && seen.classP95Ms <= GOAL.classP95Ms
  tell({ bench: 'verdict', goal: 'G10', ratio, seen, limit: GOAL, pass })
  return pass
}

const round = (value: number) => Math.round(value * 100) / 100

function measured(ctx: Session & KubectlContext & { repeats: number }, subject: Subject) {
  const samples = { page: [] as number[], poll: [] as number[] }
  return withSandbox(ctx, subject.labId, async (view, page) => {
    const open = await subject.open(ctx, view)
    try {
      const trial = { ...open, page, task: subject.task }
      await page.until(ticked(subject.task, false))
      for (let warm = 0; warm < WARM_UP; warm++) await toAndFro(trial, 'page')
      for (let block = 0; block < Math.max(3, ctx.repeats); block++)
        for (const arm of ['page', 'poll', 'poll', 'page'] as const)
          for (let time = 0; time < 3; time++) samples[arm].push(...(await toAndFro(trial, arm)))
      return samples
    } finally {
      open.close()
    }
  })
}

type Trial = Awaited<ReturnType<Subject['open']>> & { page: SandboxPage; task: string }

async function toAndFro({ change, page, task, poll }: Trial, arm: 'page' | 'poll'): Promise<number[]> {
  const samples: number[] = []
  for (const on of [true, false]) {
    // At any moment of whatever is done at intervals.
    await sleep(1200 + Math.random() * 1000)
    const tick = page.until(ticked(task, on), TICK_TIMEOUT_MS)
    const began = performance.now()
    await change(on)
    if (arm === 'page') await tick
    else
      while ((await poll()) !== on) if (performance.now() - began > TICK_TIMEOUT_MS) throw new Error('no poll saw it')
    samples.push(performance.now() - began)
    await tick
  }
  return samples
}
