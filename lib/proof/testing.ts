import type { ContentLab } from '#lib/content/types.ts'
import { type Lab, labSchema } from '#lib/labs/schema.ts'
import type { LabProof, Wrong } from '#lib/proof/load-proof.ts'
import { firstPlace } from '#lib/proof/place.ts'
import type { ProofPort, ProofSandbox } from '#lib/proof/proof-port.ts'
import { parseScript, type Script } from '#lib/proof/script.ts'
import type { SandboxView, TaskView } from '#lib/sandbox/view.ts'

/** For tests: patience for a sandbox that answers at once. */
export const SHORT = { readyMs: 100, lineMs: 100, verdictMs: 100, stayMs: 1, portMs: 20 }

type Verdict = Pick<TaskView, 'verdict' | 'evidence'>

/** A world that is only a list of what was typed in it. */
export type World = {
  /** By task, what the examiner says of what was typed so far. */
  judge: Record<string, (typed: string[]) => Verdict>
  /** What a command prints; null: its prompt does not come back before C-c. */
  print?: (line: string) => string | null
  /** What a port shows, once it is asked for the so-and-so-many-th time. */
  port?: (index: number, time: number) => number
  left?: string[]
}

export const says = (verdict: Verdict['verdict'], evidence = ''): Verdict => ({ verdict, evidence })
export const whenTyped =
  (line: string, yes = says('pass', 'seen'), no = says('not-yet', `no ${line}`)) =>
  (typed: string[]) =>
    typed.includes(line) ? yes : no

export class FakePort implements ProofPort {
  readonly seeds: string[] = []
  ended = 0
  readonly #world: () => World

  constructor(world: () => World) {
    this.#world = world
  }

  async start(_labId: string, _lab: ContentLab, { seed }: { seed: string }): Promise<ProofSandbox> {
    this.seeds.push(seed)
    const { judge, print = () => '', port = () => 200, left = [] } = this.#world()
    const typed: string[] = []
    let solvedAt: string | null = null
    let visits = 0
    let broken: { scene: string; state: string } | undefined
    return {
      id: 'fake',
      view: async () => {
        const tasks = Object.entries(judge).map(([id, of]) => ({ id, ...of(typed) }))
        if (tasks.every(({ verdict }) => verdict === 'pass')) solvedAt ??= 'now'
        if (broken && typed.at(-1) === 'mend') broken.state = 'mended'
        const scenes = broken ? [broken] : []
        return { state: 'ready', reason: null, waiting: null, tasks, scenes, solvedAt } as unknown as SandboxView
      },
      preparation: async () => [],
      judgedSince: async () => new Map(Object.keys(judge).map((id) => [id, 2])),
      openTerminal: async (_place, onOutput) => {
        onOutput('Welcome\r\nroot@box:~# ')
        return {
          close: () => {},
          input: (bytes) => {
            const text = Buffer.from(bytes).toString()
            if (text === '\x03') return onOutput('^C\r\nroot@box:~# ')
            typed.push(text.trim())
            const printed = print(text.trim())
            onOutput(`${text.trim()}\r\n${printed ?? 'working'}${printed === null ? '' : '\x1b[1mroot@box\x1b[0m:~# '}`)
          },
        }
      },
      breakScene: async (scene, fault) => {
        broken = { scene, state: 'broken' }
        typed.push(`break ${scene} ${fault}`)
      },
      answer: async (task, value) => void typed.push(`${task}=${value}`),
      openPort: async (index) => port(index, ++visits),
      change: () => new Promise((resolve) => setTimeout(resolve, 1)),
      end: async () => {
        this.ended++
        return left
      },
    }
  }
}

/** A lab with one machine and these tasks; those that end with `!` are guards. */
export function testLab(...tasks: string[]): Lab {
  return labSchema.parse({
    machines: [{ name: 'box', profile: 'root', terminals: ['main', 'aux'] }],
    tasks: tasks.map((task) => ({
      id: task.replace('!', ''),
      title: task,
      kind: task.endsWith('!') ? 'guard' : 'state',
      check: { run: 'checks/one.sh' },
    })),
  })
}

export function script(text: string, lab: Lab, file = 'solution/01-box.sh'): Script {
  return parseScript(text, { file, lab, place: firstPlace(lab) }).script
}

export function testProof(lab: Lab, solution: string, wrong: Wrong[] = []): LabProof {
  return {
    id: 'challenges/test',
    folder: 'challenges/test',
    lab: { definition: { lab, scripts: {} }, digest: 'x' } as ContentLab,
    digest: 'x',
    lesson: null,
    solution: [script(solution, lab)],
    wrong,
    mends: [],
  }
}
