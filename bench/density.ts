import { setTimeout as sleep } from 'node:timers/promises'
import { type Arm, quietTerminal, timeKeys } from '#bench/echo.ts'
import { readMemory, readTrouble } from '#bench/node.ts'
import type { Platform } from '#bench/platform.ts'
import { tell } from '#bench/report.ts'
import { endSandbox, SandboxPage, type Session, startSandbox } from '#bench/sandbox.ts'
import { machine as host, percentile, summary } from '#bench/stats.ts'
import { openTerminal, typeUntil } from '#bench/terminal.ts'
import type { SandboxView } from '#lib/sandbox/view.ts'

/** G9 of design/goals.md. */
const GOAL = { p95Ratio: 2 }
/** Named, so that a new lab changes no figure; engine with dockerd running. */
const CROWD = [
  { profile: 'root', labId: 'challenges/two-namespaces', count: 10 },
  { profile: 'kubernetes', labId: 'challenges/three-helpers', count: 5 },
  { profile: 'engine', labId: 'challenges/four-questions', count: 5 },
]
const WARM_UP_KEYS = 40
/** The kubelet measures memory every ten seconds or so. */
const MEMORY_AGE_MS = 25_000
const ENGINE_TIMEOUT_MS = 120_000

type Place = { profile: string; labId: string }
/** One person's sandbox, with its terminal open. */
type Seat = Place & { person: Session; view: SandboxView; arm: Arm }

/** `keys` for each arm. The users must have no live sandbox. */
export type DensityContext = Platform & { keys: number }

/**
 * Times keys in the terminal of one sandbox, then of twenty, the keys going round, again of twenty, and of the one. Tells
 * a line for each arm and for what each profile takes of the node's memory, and one with the ratio; resolves with pass
 * or fail.
 */
export async function run(ctx: DensityContext): Promise<boolean> {
  const places = CROWD.flatMap(({ count, ...place }) => Array.from({ length: count }, () => place))
  const people = await ctx.people(places.length)
  const samples = { one: [] as number[], twenty: [] as number[] }
  const type = async (arm: keyof typeof samples, seats: Seat[]) => {
    const keys = WARM_UP_KEYS + Math.ceil(ctx.keys / 2)
    const times = await timeKeys(
      seats.map((seat) => seat.arm),
      keys,
    )
    samples[arm].push(...times.slice(WARM_UP_KEYS))
  }
  const seats: Seat[] = []
  const fill = async (from: number, to: number) => {
    const taken = await Promise.allSettled(
      places.slice(from, to).map(async (place, index) => {
        const person = people[from + index]
        if (person) seats.push(await takeSeat(person, place))
      }),
    )
    for (const result of taken) if (result.status === 'rejected') throw result.reason
  }
  const trouble: string[] = []
  try {
    await fill(0, 1)
    await type('one', seats)
    await fill(1, places.length)
    await type('twenty', seats)
    await type('twenty', seats)
    await sleep(MEMORY_AGE_MS)
    tellMemory(await readMemory(ctx), seats)
    trouble.push(...(await readTrouble(ctx)))
    await Promise.all(seats.splice(1).map(leaveSeat))
    await type('one', seats)
  } finally {
    await Promise.allSettled(seats.map(leaveSeat))
  }
  tell({ bench: 'density', ...host(), arm: '1 sandbox', ...summary(samples.one) })
  tell({ bench: 'density', ...host(), arm: `${places.length} sandboxes`, ...summary(samples.twenty) })
  const p95Ratio = Math.round((percentile(samples.twenty, 0.95) / percentile(samples.one, 0.95)) * 100) / 100
  const pass = p95Ratio <= GOAL.p95Ratio && trouble.length === 0
  tell({ bench: 'density', goal: 'G9', crowd: CROWD, ratio: { p95: p95Ratio }, trouble, limit: GOAL, pass })
  return pass
}

async function takeSeat(person: Session, place: Place): Promise<Seat> {
  const { profile, labId } = place
  const { id } = await startSandbox(person, labId)
  try {
    using page = new SandboxPage(person, id)
    const view = await page.ready()
    if (profile === 'engine') await untilEngineRuns(person, view)
    return { ...place, person, view, arm: await quietTerminal(person, view) }
  } catch (error) {
    await endSandbox(person, id)
    throw error
  }
}

async function untilEngineRuns(person: Session, { id, machines }: SandboxView): Promise<void> {
  const terminal = await openTerminal(person, id, machines[0])
  const line = 'until docker info >/dev/null 2>&1; do sleep 1; done; echo engine-""runs'
  await typeUntil(terminal, line, 'engine-runs', ENGINE_TIMEOUT_MS).finally(terminal.close)
}

async function leaveSeat({ person, view, arm }: Seat): Promise<void> {
  await arm.close()
  await endSandbox(person, view.id)
}

function tellMemory(mibOf: (sandboxId: string) => number, seats: Seat[]): void {
  for (const [profile, same] of Object.entries(Object.groupBy(seats, (seat) => seat.profile))) {
    const mib = (same ?? []).map(({ view }) => mibOf(view.id))
    const meanMiB = Math.round(mib.reduce((sum, value) => sum + value, 0) / mib.length)
    tell({ bench: 'density', arm: `memory, ${profile}`, n: mib.length, meanMiB, maxMiB: Math.round(Math.max(...mib)) })
  }
}
