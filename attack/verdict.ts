import type { Attack, Outcome } from '#attack/attack.ts'
import { FAKED_SOCKET } from '#attack/engine-socket.ts'
import { beginForgery, naiveCheck, openBench } from '#attack/forgery.ts'
import { FORGERIES, type Forgery } from '#attack/forgery-attacks.ts'
import { once } from '#attack/once.ts'
import type { Range } from '#attack/range.ts'
import type { ProfileName } from '#lib/sandbox/machine-profiles.ts'

/** How often a task that is not done is judged under each attack. The cluster tests do 200 on a real challenge. */
const EVALUATIONS = 25
/** A task as tasks are written: by the examiner's own tools, over the learner's files. */
const TASK = 'in-root --stat /tmp/solved >/dev/null && pass "it is there"; not_yet "it is not there"'

type Run = { attempt: Outcome; proof: Outcome }

/** Judge and naive check look at the same machine under the same attack. */
async function forge(range: Range, profile: ProfileName, forgeries: Forgery[]): Promise<Run> {
  await using bench = await openBench(range, profile)
  const fools = forgeries.find(({ fools }) => fools === 'exec')?.fools ?? 'among'
  const isFooled = await naiveCheck(bench, fools, 20)
  await beginForgery(bench, forgeries)
  const counts = { pass: 0, 'not-yet': 0, broken: 0 }
  for (let count = 0; count < EVALUATIONS; count++) counts[(await bench.judge(TASK)).verdict]++
  const seen = Object.entries(counts)
    .map(([verdict, count]) => `${count} ${verdict}`)
    .join(', ')
  // Judged only “broken”, a task would stay open for ever: that is no forgery, but shows nothing either.
  if (counts.pass === 0 && counts['not-yet'] === 0) throw new Error(`the examiner could not judge: ${seen}`)
  const fooled = await isFooled()
  return {
    attempt: { worked: counts.pass > 0, seen },
    proof: { worked: fooled, seen: fooled ? 'the naive check passed' : 'the naive check held' },
  }
}

const forgery = (name: string, forgeries: Forgery[]): Attack => {
  const runs = new WeakMap<Range, (profile: ProfileName) => Promise<Run>>()
  const run = (range: Range, profile: ProfileName) => {
    const known = runs.get(range) ?? once((one: ProfileName) => forge(range, one, forgeries))
    runs.set(range, known)
    return known(profile)
  }
  return {
    name,
    from: ({ root }) => root || !forgeries.some(({ asRoot }) => asRoot),
    control: 'a naive check on the same machine passes',
    attempt: async (range, profile) => (await run(range, profile)).attempt,
    proof: async (range, profile) => (await run(range, profile)).proof,
  }
}

const WORDS: Record<string, string> = {
  kill: 'kill all that one sees',
  stop: 'stop all that one sees',
  trace: 'trace all that one sees',
  limit: 'limit all that one sees',
  tools: 'replace the tools and the shell',
  proc: 'put another /proc in place',
  preload: 'preload a library that agrees',
}

export const VERDICT: Attack[] = [
  ...FORGERIES.map((one) => forgery(WORDS[one.name] ?? one.name, [one])),
  forgery('all of it at once', FORGERIES),
  FAKED_SOCKET,
]
