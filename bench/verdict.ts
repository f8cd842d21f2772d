import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { KubeConfig, KubernetesObjectApi } from '@kubernetes/client-node'
import { endSandbox, startSandbox, untilState } from '#bench/sandbox.ts'
import { machine as host, summary } from '#bench/stats.ts'
import { AGENT_PATH, EXAMINER_CONTAINER, namespacesOf } from '#lib/sandbox/names.ts'
import type { SandboxView } from '#lib/sandbox/view.ts'
import { TerminalSession } from '#lib/terminal/client.ts'
import { connectFromNode } from '#lib/terminal/node-socket.ts'

/** G10 of design/goals.md: from the change to the tick in the page, 95 of 100 within so many milliseconds. */
const GOAL = { kubernetesP95Ms: 300, runP95Ms: 1500 }
const TICK_TIMEOUT_MS = 20_000
const WARM_UP = 2

const LABS = {
  kubernetes: { labId: 'challenges/three-helpers', task: 'drop' },
  run: { labId: 'challenges/two-namespaces', task: 'namespaces', check: 'checks/namespaces.sh' },
}

export type VerdictContext = {
  /** Of a running platform, e.g. http://localhost:4200. */
  baseUrl: string
  /** The Cookie header of a signed-in user with no live sandbox. */
  cookie: string
  kubeconfig: string
  /** Path of kubectl. */
  kubectl: string
  /** Rounds of A B B A for each check, 3 changes to and fro in each place. At least 3. */
  repeats?: number
}

/** One way to change a task's truth to and fro, the page that ticks, and somebody who polls instead. */
type Subject = { change: (on: boolean) => Promise<void>; page: Page; task: string; poll: () => Promise<boolean> }

/**
 * Changes what a check looks at, as a learner would, and times each change until the page's event stream has the new
 * verdict; in the other arm until a poll by kubectl shows it. Prints a JSON line for each arm and one with the ratios;
 * resolves with pass or fail.
 */
export async function run(ctx: VerdictContext): Promise<boolean> {
  const tell = (arm: string, samples: number[]) =>
    console.log(JSON.stringify({ bench: 'verdict', ...host(), arm, ...summary(samples) }))
  const kubernetes = await measured(ctx, LABS.kubernetes.labId, LABS.kubernetes.task, kubernetesSubject)
  tell('Kubernetes check', kubernetes.page)
  tell('kubectl get, polled', kubernetes.poll)
  const scripted = await measured(ctx, LABS.run.labId, LABS.run.task, runSubject)
  tell('run check', scripted.page)
  tell('kubectl exec of the same check, polled', scripted.poll)
  const p95 = (samples: number[]) => summary(samples).p95Ms
  const seen = { kubernetesP95Ms: p95(kubernetes.page), runP95Ms: p95(scripted.page) }
  const ratio = {
    kubernetes: round(seen.kubernetesP95Ms / p95(kubernetes.poll)),
    run: round(seen.runP95Ms / p95(scripted.poll)),
  }
  const pass = seen.kubernetesP95Ms <= GOAL.kubernetesP95Ms && seen.runP95Ms <= GOAL.runP95Ms
  console.log(JSON.stringify({ bench: 'verdict', goal: 'G10', ratio, seen, limit: GOAL, pass }))
  return pass
}

const round = (value: number) => Math.round(value * 100) / 100

type Open = (ctx: VerdictContext, view: SandboxView) => Promise<Omit<Subject, 'page' | 'task'> & { close: () => void }>

async function measured(ctx: VerdictContext, labId: string, task: string, open: Open) {
  const samples = { page: [] as number[], poll: [] as number[] }
  const { id } = await startSandbox(ctx, labId)
  const page = new Page(ctx, id)
  try {
    await untilState(ctx, id, 'ready')
    const { close, ...way } = await open(ctx, await page.until(({ state }) => state === 'ready'))
    const subject = { ...way, page, task }
    try {
      await page.until(({ tasks }) => verdictOf(tasks, task) === 'not-yet')
      for (let warm = 0; warm < WARM_UP; warm++) await toAndFro(subject, 'page')
      for (let block = 0; block < Math.max(3, ctx.repeats ?? 3); block++)
        for (const arm of ['page', 'poll', 'poll', 'page'] as const)
          for (let time = 0; time < 3; time++) samples[arm].push(...(await toAndFro(subject, arm)))
    } finally {
      close()
    }
    return samples
  } finally {
    page.close()
    await endSandbox(ctx, id)
  }
}

async function toAndFro({ change, page, task, poll }: Subject, arm: 'page' | 'poll'): Promise<number[]> {
  const samples: number[] = []
  for (const on of [true, false]) {
    // At any moment of whatever is done at intervals.
    await sleep(1200 + Math.random() * 1000)
    const ticked = page.until(({ tasks }) => verdictOf(tasks, task) === (on ? 'pass' : 'not-yet'))
    const began = performance.now()
    await change(on)
    if (arm === 'page') await ticked
    else
      while ((await poll()) !== on) if (performance.now() - began > TICK_TIMEOUT_MS) throw new Error('no poll saw it')
    samples.push(performance.now() - began)
    await ticked
  }
  return samples
}

const verdictOf = (tasks: SandboxView['tasks'], task: string) => tasks.find(({ id }) => id === task)?.verdict

/** The event stream of a sandbox's page. */
class Page {
  readonly #abort = new AbortController()
  readonly #waiting = new Set<(view: SandboxView) => void>()
  #view: SandboxView | undefined

  constructor(ctx: VerdictContext, sandboxId: string) {
    this.#follow(`${ctx.baseUrl}/api/sandboxes/${sandboxId}/events`, ctx.cookie).catch((error: unknown) => {
      if (!this.#abort.signal.aborted) throw error
    })
  }

  /** Resolves with the first view, this one or a later one, of which it is true. */
  until(holds: (view: SandboxView) => boolean): Promise<SandboxView> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no such view: ${JSON.stringify(this.#view)}`)), TICK_TIMEOUT_MS)
      const look = (view: SandboxView) => {
        if (!holds(view)) return
        clearTimeout(timer)
        this.#waiting.delete(look)
        resolve(view)
      }
      this.#waiting.add(look)
      if (this.#view) look(this.#view)
    })
  }

  close(): void {
    this.#abort.abort()
  }

  async #follow(url: string, cookie: string): Promise<void> {
    const response = await fetch(url, { headers: { cookie }, signal: this.#abort.signal })
    if (!response.ok || !response.body) throw new Error(`events: ${response.status}`)
    let text = ''
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      text += chunk
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const data = /^data: (.*)$/m.exec(text.slice(0, end))?.[1]
        text = text.slice(end + 2)
        if (!data) continue
        const view = JSON.parse(data) as SandboxView
        this.#view = view
        for (const look of [...this.#waiting]) look(view)
      }
    }
  }
}

/** A Pod of the right form, which no node runs: nothing but the object itself is looked at. */
const kubernetesSubject: Open = async (ctx, view) => {
  const { learner: namespace } = namespacesOf(view.id)
  const config = new KubeConfig()
  config.loadFromFile(ctx.kubeconfig)
  const api = KubernetesObjectApi.makeApiClient(config)
  const container = (name: string, mountPath: string) => ({
    name,
    image: 'busybox',
    resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { cpu: '100m', memory: '32Mi' } },
    volumeMounts: [{ name: 'drop', mountPath }],
  })
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'photos', namespace },
    spec: {
      nodeSelector: { 'drydock.dev/nowhere': 'true' },
      containers: [container('camera', '/drop'), container('worker', '/inbox')],
      volumes: [{ name: 'drop', emptyDir: {} }],
    },
  }
  return {
    change: async (on) => void (on ? await api.create(pod) : await api.delete(pod, undefined, undefined, 0)),
    poll: async () => {
      const found = await kubectl(ctx, ['-n', namespace, 'get', 'pod', 'photos', '--ignore-not-found', '-o', 'name'])
      return found.trim() !== ''
    },
    close: () => {},
  }
}

/** A second network namespace, made and taken away in the learner's terminal. */
const runSubject: Open = async (ctx, view) => {
  const { sys: namespace } = namespacesOf(view.id)
  const [machine] = view.machines
  const terminal = machine?.terminals[0]
  if (!machine || !terminal) throw new Error('the lab has no terminal')
  const prompt = Promise.withResolvers<void>()
  const session = new TerminalSession({
    connect: connectFromNode({ ...ctx, sandbox: view.id, machine: machine.name, terminal, client: randomUUID() }),
    preflight: async () => null,
    onOutput: (_bytes, _replayed, parsed) => {
      prompt.resolve()
      parsed()
    },
    onAttached: () => {},
    onExit: () => {},
    onNotice: () => {},
    onState: () => {},
    size: { cols: 80, rows: 24 },
  })
  session.start()
  const type = (line: string) => void session.input(Buffer.from(`${line}\r`))
  await prompt.promise
  type('ip netns add red')
  const script = readFileSync(`content/${LABS.run.labId}/${LABS.run.check}`, 'utf8')
  const request = `${JSON.stringify({ id: '1', op: 'run', script, env: {}, args: [], timeoutMs: 10_000 })}\n`
  const examine = ['exec', '-i', machine.name, '-c', EXAMINER_CONTAINER, '--', AGENT_PATH, 'examine']
  return {
    change: async (on) => type(`ip netns ${on ? 'add' : 'del'} blue`),
    poll: async () => {
      const said = await kubectl(ctx, ['-n', namespace, ...examine], request)
      return JSON.parse(said).verdict === 'pass'
    },
    close: () => session.stop(),
  }
}

/** `input` goes in before anything comes out; a program that reads on is told the end once it has answered. */
function kubectl(ctx: VerdictContext, args: string[], input?: string): Promise<string> {
  const child = spawn(ctx.kubectl, ['--kubeconfig', ctx.kubeconfig, ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
  let output = ''
  if (input === undefined) child.stdin.end()
  else child.stdin.write(input)
  child.stdout.on('data', (bytes: Buffer) => {
    output += bytes.toString()
    if (output.includes('\n')) child.stdin.end()
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) =>
      code === 0 ? resolve(output) : reject(new Error(`kubectl ${args.join(' ')}: ${code}`)),
    )
  })
}
