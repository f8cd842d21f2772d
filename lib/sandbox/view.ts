import type { SandboxState } from '#lib/sandbox/states.ts'

/** Of what is typed for a task. */
export const MAX_ANSWER_CHARS = 200
/** Of what is said about a check that is reported. */
export const MAX_REPORT_CHARS = 2000

/** What a learner sees of one task. `waiting`: a task it needs has not passed; `null` verdict: not judged yet. */
export type TaskView = {
  id: string
  title: string
  needs: string[]
  verdict: 'pass' | 'not-yet' | 'broken' | 'waiting' | null
  evidence: string
  /** ISO time until which it was true, when it was and is not any more. */
  wasTrueUntil: string | null
  /** Of a task that is done by typing something; null for any other. `checking`: the verdict is on an earlier one. */
  answer: { prompt: string; value: string | null; checking: boolean } | null
  /** How many there are to be opened as things are now, with those that are open. */
  hintsTotal: number
  /** Texts of the hints opened so far. */
  hints: string[]
}

/**
 * A scene of the lab, for `:::break`. `asked`: its fault is being injected; `failed`: it could not be, and nothing is
 * broken. `right`: whether the layer that the learner named is the broken one; null before they named one.
 */
export type SceneView = {
  scene: string
  /** What may be named, in the order of the alphabet. */
  layers: string[]
  state: 'whole' | 'asked' | 'broken' | 'mended' | 'failed'
  named: string | null
  right: boolean | null
}

/** Why a sandbox is not ready yet, in words for a learner. `etaSeconds` null while unknown. */
export type Waiting = { stage: string; detail: string; etaSeconds: number | null; queuePosition: number | null }

/** What a learner's page shows of a sandbox: the body of every sandbox response and of every SSE `view` event. */
export type SandboxView = {
  id: string
  labId: string
  attemptId: string
  state: SandboxState
  reason: string | null
  waiting: Waiting | null
  /** ISO times. `now` is the server's clock, so that a page with a wrong clock counts down right. */
  now: string
  expiresAt: string
  endedAt: string | null
  extensionsLeft: number
  machines: { name: string; terminals: string[] }[]
  /** Titles of the pages that machines serve, in the lab's order. */
  ports: string[]
  /** Whether this platform can show them. */
  previews: boolean
  tasks: TaskView[]
  scenes: SceneView[]
  /** The lab's variables as drawn for this attempt, as far as the text shows them. */
  vars: Record<string, string>
  /** By `<task>.<value>`: what the checks of tasks that hold said, as far as the text shows it. */
  facts: Record<string, string>
  solvedAt: string | null
  /** A guest's: it lives for minutes, cannot be extended or reset, and goes along when its owner signs in. */
  guest: boolean
}
