/**
 * The interactive parts of a rendered text: the names of the custom elements and what a React component for each
 * receives. Browser-safe. Every element's children are plain HTML that can be read without JavaScript.
 */
import type { ReactNode } from 'react'

/** A fence to run: `children` is the highlighted code and, if there is one, the sample output. */
export type RunProps = {
  machine: string
  /** What is typed, line by line, without a newline at the end; `{{ vars.name }}` is still to be filled (`fillVars`). */
  code: string
  language: string
  /** Sample output in which `<ip>`, `<id>`, `<age>`, `<n>` and `…` stand for anything. */
  expect: string | null
  children: ReactNode
}

/** A fence to copy: `children` is the highlighted code; in `code`, `{{ vars.name }}` is still to be filled. */
export type CopyProps = { code: string; language: string; children: ReactNode }

/** What the text says about a task of the lab; the title is the lab's. */
export type TaskProps = { id: string; children: ReactNode }

export type NoteProps = { kind: 'note' | 'tip' | 'warning'; title: string | null; children: ReactNode }

export type Choice = { correct: boolean; text: ReactNode; explanation: ReactNode | null }

/** A question inline. `multiple`: any number of choices is right, and the right set is wanted. */
export type QuizProps = { id: string; multiple: boolean; question: ReactNode; choices: Choice[] }

/** A choice to commit to first; `children` is what happens then: fences to run, output, the reason. */
export type PredictProps = { id: string; question: ReactNode; choices: Choice[]; children: ReactNode }

/** A card that leads to a challenge; the id is the catalogue's (`challenges/…`). */
export type ChallengeProps = { id: string }

/** One of several ways to do or say the same. */
export type TabsProps = { tabs: { label: string; content: ReactNode }[] }

/** A measurement of the reader's own. `fact`: `<task>.<value>`; `unit` may be empty. */
export type RecordProps = { id: string; title: string; fact: string; unit: string; children: ReactNode }

/** What the reader measured in a lesson before. */
export type RecordedProps = { id: string; title: string; unit: string }

/** A drawing, `children`, of which parts follow the lab: `<element id>:<task>` or `<element id>:<task>.<value>`. */
export type LiveProps = { parts: string[]; children: ReactNode }

/** A hidden fault: `children` say what to look at, `layers` where it may be, in the order of the alphabet. */
export type BreakProps = { scene: string; layers: string[]; children: ReactNode }

/** A variable of the lab, to be filled with the attempt's own value; until there is one, its name in a box. */
export type VarProps = { name: string }

export type ElementProps = {
  'dd-run': RunProps
  'dd-copy': CopyProps
  'dd-task': TaskProps
  'dd-note': NoteProps
  'dd-quiz': QuizProps
  'dd-predict': PredictProps
  'dd-challenge': ChallengeProps
  'dd-tabs': TabsProps
  'dd-record': RecordProps
  'dd-recorded': RecordedProps
  'dd-live': LiveProps
  'dd-break': BreakProps
  'dd-var': VarProps
}
export type ElementName = keyof ElementProps
