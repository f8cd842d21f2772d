import type { Range } from '#attack/range.ts'
import type { Profile, ProfileName } from '#lib/sandbox/machine-profiles.ts'

/** What came of one try. `seen` is for a person, in one line. */
export type Outcome = { worked: boolean; seen: string }

/** One line of the attack list. It must fail for a learner, and work for whoever is in the control's place. */
export type Attack = {
  name: string
  /** Profiles from whose machines it is tried; all, when left out. */
  from?: (profile: Profile) => boolean
  /** The one defence that is off in the control, or where the control stands. */
  control: string
  attempt: (range: Range, profile: ProfileName) => Promise<Outcome>
  proof: (range: Range, profile: ProfileName) => Promise<Outcome>
}

/** `void`: nothing is shown, as the control did not work or a try could not be made. */
export type Verdict = 'held' | 'ESCAPE' | 'void'
export type Result = {
  group: string
  attack: string
  profile: ProfileName
  control: string
  verdict: Verdict
  seen: string
  durationMs: number
}

/** A try as it ended: with an outcome, or with an error because it could not be made at all. */
export type Try = PromiseSettledResult<Outcome>

/**
 * What the two tries show together. An attack that worked is an escape whatever became of its control; one that failed
 * shows something only when its control worked.
 */
export function judge(attempt: Try, proof: Try): Pick<Result, 'verdict' | 'seen'> {
  if (attempt.status === 'rejected') return { verdict: 'void', seen: `could not be tried: ${reasonOf(attempt)}` }
  if (attempt.value.worked) return { verdict: 'ESCAPE', seen: attempt.value.seen }
  if (proof.status === 'rejected') return { verdict: 'void', seen: `no control: ${reasonOf(proof)}` }
  if (!proof.value.worked) return { verdict: 'void', seen: `the control did not work: ${proof.value.seen}` }
  return { verdict: 'held', seen: attempt.value.seen }
}

const reasonOf = ({ reason }: PromiseRejectedResult): string => (reason instanceof Error ? reason.message : `${reason}`)

/** Tries an attack from one profile; never rejects. The control goes first, so that nothing it needs is in ruins. */
export async function carryOut(group: string, attack: Attack, profile: ProfileName, range: Range): Promise<Result> {
  const startedAt = performance.now()
  const [proof] = await Promise.allSettled([attack.proof(range, profile)])
  const [attempt] = await Promise.allSettled([attack.attempt(range, profile)])
  const durationMs = Math.round(performance.now() - startedAt)
  return { group, attack: attack.name, profile, control: attack.control, ...judge(attempt, proof), durationMs }
}
