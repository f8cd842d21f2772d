import { setTimeout as sleep } from 'node:timers/promises'
import type { Platform } from '#bench/platform.ts'
import { type SandboxPage, ticked, withSandbox } from '#bench/sandbox.ts'
import { openTerminal, type Terminal } from '#bench/terminal.ts'

export const LEARNERS = 20
const LAB = 'challenges/two-namespaces'
const TICK_TIMEOUT_MS = 60_000
/** Between two things that a learner does. */
const pauseMs = () => 3000 + Math.random() * 9000

/** What a learner types, and what it does to a task: each of the lab's five becomes true once, two of them false before. */
const STEPS: { type: string; task: string; on: boolean }[] = [
  { type: 'ip link add left type bridge', task: 'tidy', on: false },
  { type: 'ip link delete left', task: 'tidy', on: true },
  { type: 'ip netns add red; ip netns add blue', task: 'namespaces', on: true },
  {
    type: 'ip link add red-end netns red type veth peer name blue-end netns blue',
    task: 'cable',
    on: true,
  },
  {
    type: [
      'ip -n red address add 192.168.77.1/24 dev red-end',
      'ip -n blue address add 192.168.77.2/24 dev blue-end',
      'ip -n red link set dev red-end up',
      'ip -n blue link set dev blue-end up',
    ].join('; '),
    task: 'addresses',
    on: true,
  },
  { type: 'ip -n red route delete 192.168.77.0/24', task: 'ping', on: false },
  { type: 'ip -n red route add 192.168.77.0/24 dev red-end', task: 'ping', on: true },
]

/** Milliseconds from Enter to the tick in the page, of every step of every learner, all at work at the same time. */
export async function classSamples(platform: Platform): Promise<number[]> {
  const learners = await platform.people(LEARNERS)
  const started = learners.map(() => Promise.withResolvers<void>())
  const allStarted = Promise.all(started.map(({ promise }) => promise))
  const results = await Promise.allSettled(
    learners.map((learner, index) =>
      withSandbox(learner, LAB, async (view, page) => {
        const terminal = await openTerminal(learner, view.id, view.machines[0])
        try {
          started[index]?.resolve()
          await allStarted
          return await solve(page, terminal)
        } finally {
          terminal.close()
        }
      }).catch((error: unknown) => {
        started[index]?.reject(error)
        throw error
      }),
    ),
  )
  return results.flatMap((result) => {
    if (result.status === 'rejected') throw result.reason
    return result.value
  })
}

async function solve(page: SandboxPage, terminal: Terminal): Promise<number[]> {
  const samples: number[] = []
  for (const { type, task, on } of STEPS) {
    await page.until(ticked(task, !on), TICK_TIMEOUT_MS)
    await sleep(pauseMs())
    const tick = page.until(ticked(task, on), TICK_TIMEOUT_MS)
    const began = performance.now()
    terminal.type(`${type}\r`)
    await tick
    samples.push(performance.now() - began)
  }
  return samples
}
