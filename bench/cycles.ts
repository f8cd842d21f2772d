import { setTimeout as sleep } from 'node:timers/promises'
import { startOwnLab } from '#bench/own-lab.ts'
import type { Platform } from '#bench/platform.ts'
import { tell } from '#bench/report.ts'
import { endSandbox, SandboxPage, type Session } from '#bench/sandbox.ts'
import { machine as host, summary } from '#bench/stats.ts'
import { openTerminal, typeUntil } from '#bench/terminal.ts'
import { newSince, readTraces } from '#bench/traces.ts'
import { PROFILES } from '#lib/sandbox/machine-profiles.ts'

/** Of issue 5: as many starts and ends, over all profiles, leave nothing behind. */
const CYCLES = 100
/** The kubelet and containerd clean up a moment after the API server has forgotten. */
const SETTLE_MS = 90_000

/** Starts and ends sandboxes of every profile, one of each at a time, and looks at the node before and after. */
export async function run(platform: Platform): Promise<boolean> {
  const profiles = Object.keys(PROFILES)
  const people = await platform.people(profiles.length)
  const cycle = async (profile: string, person: Session) => {
    const from = performance.now()
    await startAndEnd(platform, person, profile)
    return performance.now() - from
  }
  const before = await readTraces(platform)
  const times = await Promise.all(
    people.map(async (person, index) => {
      const profile = profiles[index] ?? ''
      const took: number[] = []
      while (took.length < CYCLES / profiles.length) took.push(await cycle(profile, person))
      return { profile, took }
    }),
  )
  for (const { profile, took } of times) tell({ bench: 'cycles', ...host(), arm: profile, ...summary(took) })
  const deadline = Date.now() + SETTLE_MS
  let left = newSince(before, await readTraces(platform))
  while (Object.values(left).some((names) => names.length > 0) && Date.now() < deadline) {
    await sleep(1000)
    left = newSince(before, await readTraces(platform))
  }
  const seen = Object.fromEntries(Object.entries(left).map(([kind, names]) => [kind, names.length]))
  const pass = Object.values(seen).every((count) => count === 0)
  const examples = Object.values(left).flatMap((names) => names.slice(0, 3))
  const cycles = times.reduce((sum, { took }) => sum + took.length, 0)
  tell({ bench: 'cycles', goal: 'nothing is left', cycles, seen, ...(pass ? {} : { examples }), pass })
  return pass
}

/** With a shell that has run a command, and a process of its own in the background. */
async function startAndEnd(platform: Platform, person: Session, profile: string): Promise<void> {
  const { id } = await startOwnLab(platform, person, profile)
  try {
    using page = new SandboxPage(person, id)
    const { machines } = await page.ready()
    const terminal = await openTerminal(person, id, machines[0])
    await typeUntil(terminal, 'sleep 600 & echo it-""runs', 'it-runs').finally(terminal.close)
  } finally {
    await endSandbox(person, id)
  }
}
