import type { ContentLab } from '#lib/content/types.ts'
import type { SandboxView } from '#lib/sandbox/view.ts'

/** Where something is typed. */
export type Place = { machine: string; terminal: string }

/** A terminal as a learner has it. */
export type ProofTerminal = { input: (bytes: Uint8Array) => void; close: () => void }

/** A real sandbox, in the name of a learner of its own. */
export type ProofSandbox = {
  id: string
  view: () => Promise<SandboxView>
  /** How each init step ended, with what it printed. */
  preparation: () => Promise<string[]>
  /** How often each task was judged after that moment. */
  judgedSince: (moment: Date) => Promise<ReadonlyMap<string, number>>
  /** @throws when no shell comes up */
  openTerminal: (place: Place, onOutput: (text: string) => void) => Promise<ProofTerminal>
  answer: (task: string, value: string) => Promise<void>
  /** Asks for this very fault of a scene, as a learner asks for any. */
  breakScene: (scene: string, fault: string) => Promise<void>
  /** Opens one of the lab's ports, by its index, as a browser does. Resolves with the status of what is shown. */
  openPort: (index: number) => Promise<number>
  /** Resolves when something was printed or judged, a moment later at the latest. */
  change: () => Promise<void>
  /** Ends it and resolves when it is gone, with the names of what is left in the cluster all the same. */
  end: () => Promise<string[]>
}

export type ProofPort = {
  /** Starts a sandbox of the lab; `seed` draws its variables. Resolves before it is ready. */
  start: (labId: string, lab: ContentLab, options: { seed: string }) => Promise<ProofSandbox>
}
