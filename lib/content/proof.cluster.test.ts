import { randomUUID } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { stripVTControlCharacters } from 'node:util'
import type { Element } from 'hast'
import { visit } from 'unist-util-visit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadCatalogue } from '#lib/content/load-catalogue.ts'
import type { ContentLab, Lesson } from '#lib/content/types.ts'
import { env } from '#lib/env.ts'
import { createCluster } from '#lib/k8s/cluster.ts'
import { createExec } from '#lib/k8s/exec.ts'
import { KubeConfigSource } from '#lib/k8s/kube-config.ts'
import { ObjectWatch } from '#lib/k8s/object-watch.ts'
import { logger } from '#lib/obs/logger.ts'
import { endSandbox } from '#lib/sandbox/end-sandbox.ts'
import { getSandboxView } from '#lib/sandbox/get-sandbox-view.ts'
import { imageRefs } from '#lib/sandbox/image-refs.ts'
import { namespacesOf } from '#lib/sandbox/names.ts'
import { startSandbox } from '#lib/sandbox/start-sandbox.ts'
import { ownUser } from '#lib/sandbox/testing.ts'
import type { SandboxView } from '#lib/sandbox/view.ts'
import { openTestTerminal } from '#lib/terminal/testing.ts'
import { Reconciler } from '#server/reconciler.ts'

/**
 * No lab without proof: in real sandboxes, with everything typed into a real terminal, a fresh one passes nothing, the
 * solution passes everything, each `wrong/` is told its own misconception, every command of a lesson prints what the
 * lesson says, and nothing is left behind.
 */

const source = new KubeConfigSource(env().KUBECONFIG)
const instance = `proof-${randomUUID().slice(0, 8)}`
const cluster = createCluster({ source, instance })
const exec = createExec(source)
const users = new AsyncDisposableStack()
const objects = new ObjectWatch({ source, log: logger() })
const reconciler = new Reconciler({ cluster, exec, objects, instance, images: imageRefs, log: logger() })

beforeAll(() => reconciler.start())
afterAll(async () => {
  // Pods have 30 s to end, and tests do not wait for that one by one.
  const left = () => cluster.listNamespaces()
  try {
    await poll(
      () => 'namespaces are left',
      async () => ((await left()).length === 0 ? true : null),
    )
  } finally {
    await reconciler.stop()
    objects.stop()
    for (const namespace of await left()) await cluster.deleteNamespace(namespace)
    await users.disposeAsync()
  }
})

/** Longest a machine may take to start, a line to give its prompt back, and a verdict to follow. */
const WAIT_MS = 60_000
const PROMPT = /(?:^|\n)[^\n]*[#$>] $/
/** The shell's own prompt, even where a program in the background has written after it. */
const SHELL_PROMPT = /(?:^|\n)[\w-]+@[\w-]+:[^\n]*?[#$] /
const asks = (text: string) => PROMPT.test(text) || SHELL_PROMPT.test(text)

async function poll<T>(what: () => string, look: () => T | null | Promise<T | null>): Promise<T> {
  for (const end = Date.now() + WAIT_MS; Date.now() < end; await sleep(50)) {
    const found = await look()
    if (found !== null) return found
  }
  throw new Error(what())
}

/** Uses a sandbox of the lab and ends it; that it goes is seen in the end. */
async function withSandbox(labId: string, lab: ContentLab, use: (sandbox: Sandbox) => Promise<void>): Promise<void> {
  const user = users.use(await ownUser())
  const { id } = await startSandbox({ userId: user.userId, labId, loadLab: async () => lab })
  const sandbox = new Sandbox(id, user.userId)
  try {
    await sandbox.until('the machine is ready', ({ state }) => state === 'ready')
    await use(sandbox)
  } finally {
    sandbox.close()
    await endSandbox({ userId: user.userId, sandboxId: id })
  }
}

class Sandbox {
  readonly #id: string
  readonly #userId: string
  /** What was typed and printed, for the report of a failure. */
  readonly #typed: string[] = []
  readonly #terminals = new Map<string, Promise<Awaited<ReturnType<typeof openTestTerminal>>>>()

  constructor(id: string, userId: string) {
    this.#id = id
    this.#userId = userId
  }

  async until(what: string, done: (view: SandboxView) => boolean): Promise<SandboxView> {
    let view: SandboxView | undefined
    return poll(
      () => `${what}: not so. ${JSON.stringify({ ...view, terminals: undefined }, null, 1)}\n${this.#typed.join('\n')}`,
      async () => {
        view = await getSandboxView({ userId: this.#userId, sandboxId: this.#id })
        if (view.state === 'failed' || view.state === 'lost') throw new Error(`${view.state}: ${view.reason}`)
        return done(view) ? view : null
      },
    )
  }

  /** Types a line when the terminal asks for one, and resolves with what was printed until it asks for the next. */
  async type(machine: string, terminal: string, line: string): Promise<string> {
    const key = `${machine} ${terminal}`
    const opened = this.#terminals.get(key) ?? openTestTerminal(exec, namespacesOf(this.#id).sys, terminal, machine)
    this.#terminals.set(key, opened)
    const shell = await opened
    const screen = () => stripVTControlCharacters(shell.output()).replaceAll('\r', '')
    await poll(
      () => `no prompt:\n${screen()}`,
      () => (asks(screen()) ? true : null),
    )
    const before = shell.output().length
    shell.type(line)
    return poll(
      () => `"${line}" does not end:\n${screen()}`,
      () => {
        const answer = stripVTControlCharacters(shell.output().slice(before)).replaceAll('\r', '')
        const [, printed] = /^[^\n]*\n([\s\S]*)$/.exec(answer) ?? []
        if (printed === undefined || !asks(printed)) return null
        this.#typed.push(answer)
        return printed.replace(PROMPT.test(printed) ? PROMPT : SHELL_PROMPT, '')
      },
    )
  }

  /** Types a script; `#@ wait <task>` waits until that task has passed. */
  async play(machine: string, terminal: string, script: string): Promise<void> {
    for (const line of script.split('\n')) {
      const [, verb, rest = ''] = /^#@ (\w+) ?(.*)$/.exec(line) ?? []
      if (verb === 'wait') await this.until(`task ${rest} passes`, (view) => verdictOf(view, rest) === 'pass')
      else if (!verb && line.trim() !== '') await this.type(machine, terminal, line)
    }
  }

  close(): void {
    for (const terminal of this.#terminals.values()) terminal.then(({ close }) => close()).catch(() => undefined)
  }
}

const verdictOf = (view: SandboxView, task: string) => view.tasks.find(({ id }) => id === task)?.verdict

/** The file's machine and terminal: `01-box-aux.sh`; a `wrong/` script runs on the lab's first machine. */
function placeOf(file: string, lab: ContentLab): [machine: string, terminal: string] {
  const [first] = lab.definition.lab.machines
  const [, machine, terminal] = /^\d{2}-([a-z][a-z0-9]*)(?:-([a-z0-9-]+))?\.sh$/.exec(basename(file)) ?? []
  const found = lab.definition.lab.machines.find(({ name }) => name === machine) ?? first
  return [found?.name ?? '', terminal ?? found?.terminals[0] ?? 'main']
}

/** What a sample output stands for, as an expression that the real output must match. */
function loosely(sample: string): RegExp {
  const kinds: Record<string, string> = { '<ip>': '[0-9a-f.:]+', '<id>': '\\S+', '<age>': '\\S+', '<n>': '\\d+' }
  const parts = sample.trim().split(/(<(?:ip|id|age|n)>|…|\s+)/)
  const source = parts.map((part) => {
    if (part === '…') return '[\\s\\S]*?'
    return kinds[part] ?? (/^\s+$/.test(part) ? '\\s+' : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  })
  return new RegExp(`^\\s*${source.join('')}\\s*$`)
}

const { lessons, challenges } = await loadCatalogue('content')
const folderOf = (id: string) => globSync(`content/${id.replace(/\/([^/]+)$/, '/{$1,[0-9][0-9]-$1}')}`)[0] ?? ''
const read = (file: string) => readFileSync(file, 'utf8')
const labs = [...challenges, ...lessons].flatMap(({ id, lab }) => (lab ? [{ id, lab, folder: folderOf(id) }] : []))

describe.concurrent.each(labs)('$id', ({ id, lab, folder }) => {
  const { tasks } = lab.definition.lab
  const solution = globSync(`${folder}/solution/*.sh`).sort()
  const wrong = globSync(`${folder}/wrong/*.sh`).sort()

  test('passes nothing when fresh, and everything by its solution', { timeout: 180_000 }, async () => {
    expect(solution).not.toEqual([])
    await withSandbox(id, lab, async (sandbox) => {
      const fresh = await sandbox.until('every task is judged', (view) =>
        view.tasks.every(({ verdict }) => verdict !== null),
      )
      for (const [index, { kind }] of tasks.entries()) {
        const seen = fresh.tasks[index]
        expect(kind === 'guard' ? ['pass', 'not-yet', 'waiting'] : ['not-yet', 'waiting'], seen?.evidence).toContain(
          seen?.verdict,
        )
      }
      for (const file of solution) await sandbox.play(...placeOf(file, lab), read(file))
      await sandbox.until('the lab is solved', ({ solvedAt }) => solvedAt !== null)
    })
  })

  test.each(wrong)('%s', { timeout: 180_000 }, async (file) => {
    const script = read(file)
    const evidence = /^#@ evidence (.+)$/m.exec(script)?.[1] ?? ''
    const task = basename(file).split('--')[0] ?? ''
    await withSandbox(id, lab, async (sandbox) => {
      await sandbox.play(...placeOf(file, lab), script)
      await sandbox.until(`"${evidence}" is told of ${task}`, (view) =>
        view.tasks.some((seen) => seen.id === task && seen.verdict === 'not-yet' && seen.evidence.includes(evidence)),
      )
    })
  })

  const lesson = lessons.find((one) => one.id === id)
  if (lesson) test('prints what the lesson shows', { timeout: 180_000 }, () => readAlong(lesson, lab, solution))
})

/** Does what a reader does: runs every fence in order, and solves each task where the text asks for it. */
async function readAlong(lesson: Lesson, lab: ContentLab, solution: string[]): Promise<void> {
  const steps: Element[] = []
  visit(lesson.body.tree, 'element', (node) => {
    if (node.tagName === 'dd-run' || node.tagName === 'dd-task') steps.push(node)
  })
  await withSandbox(lesson.id, lab, async (sandbox) => {
    for (const { tagName, properties } of steps) {
      const place = placeOf(`00-${properties.machine}.sh`, lab)
      if (tagName === 'dd-task') {
        for (const file of solution) {
          const part = partFor(String(properties.name), read(file))
          if (part) await sandbox.play(...placeOf(file, lab), part)
        }
        continue
      }
      let printed = ''
      for (const line of String(properties.code).split('\n')) {
        printed += `${await sandbox.type(...place, line)}\n`
      }
      if (properties.expect) expect(printed, String(properties.code)).toMatch(loosely(String(properties.expect)))
    }
    await sandbox.until('every task has passed', ({ solvedAt }) => solvedAt !== null)
  })
}

/** The lines of a solution that end with `#@ wait <task>`, from the wait before it. */
function partFor(task: string, script: string): string | null {
  const parts = script.split(/(?<=^#@ wait .*\n)/m)
  return parts.find((part) => part.trimEnd().endsWith(`#@ wait ${task}`)) ?? null
}
