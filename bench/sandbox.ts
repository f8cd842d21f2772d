import { setTimeout as sleep } from 'node:timers/promises'
import { isOver } from '#lib/sandbox/states.ts'
import type { SandboxView } from '#lib/sandbox/view.ts'

/** A signed-in user of a running platform. */
export type Session = { baseUrl: string; cookie: string }

/** A class that starts together waits for its turn. */
const READY_TIMEOUT_MS = 300_000

export const startSandbox = (session: Session, labId: string) =>
  request<SandboxView>(session, 'POST', '/api/sandboxes', { labId })

/** Resolves when nothing of it is left in the cluster. */
export async function endSandbox(session: Session, id: string): Promise<void> {
  await request(session, 'DELETE', `/api/sandboxes/${id}`)
  using page = new SandboxPage(session, id)
  await page.until(({ state }) => state === 'ended', READY_TIMEOUT_MS)
}

/** Starts a lab, hands over its page once it is ready, and ends it, whatever happens. */
export async function withSandbox<T>(
  session: Session,
  labId: string,
  use: (view: SandboxView, page: SandboxPage) => Promise<T>,
): Promise<T> {
  const { id } = await startSandbox(session, labId)
  using page = new SandboxPage(session, id)
  try {
    return await use(await page.ready(), page)
  } finally {
    await endSandbox(session, id)
  }
}

async function request<T>(ctx: Session, method: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(ctx.baseUrl + path, {
    method,
    headers: { cookie: ctx.cookie, origin: new URL(ctx.baseUrl).origin, 'content-type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
  return (await response.json()) as T
}

/** Whether a view shows the task as passed, or else as not yet. */
export const ticked =
  (task: string, on: boolean) =>
  ({ tasks }: SandboxView): boolean =>
    tasks.find(({ id }) => id === task)?.verdict === (on ? 'pass' : 'not-yet')

type Waiting = { look: (view: SandboxView) => void; fail: (error: unknown) => void }

/** The event stream of a sandbox's page, which connects anew when the server ends it, as a browser does. */
export class SandboxPage implements Disposable {
  readonly #session: Session
  readonly #url: string
  readonly #abort = new AbortController()
  readonly #waiting = new Set<Waiting>()
  #view: SandboxView | undefined

  constructor(session: Session, sandboxId: string) {
    this.#session = session
    this.#url = `${session.baseUrl}/api/sandboxes/${sandboxId}/events`
    this.#follow().catch((error: unknown) => {
      for (const { fail } of this.#waiting) fail(error)
    })
  }

  /** Resolves with the first view, this one or a later one, of which it is true; rejects when the sandbox is over before. */
  until(holds: (view: SandboxView) => boolean, timeoutMs = 60_000): Promise<SandboxView> {
    const { promise, resolve, reject: fail } = Promise.withResolvers<SandboxView>()
    const timer = setTimeout(() => fail(new Error(`no such view: ${JSON.stringify(this.#view)}`)), timeoutMs)
    const look = (view: SandboxView) => {
      if (holds(view)) resolve(view)
      else if (isOver(view.state)) fail(new Error(`${view.state}: ${view.reason}`))
    }
    const waiting = { look, fail }
    this.#waiting.add(waiting)
    if (this.#view) look(this.#view)
    return promise.finally(() => {
      clearTimeout(timer)
      this.#waiting.delete(waiting)
    })
  }

  ready(): Promise<SandboxView> {
    return this.until(({ state }) => state === 'ready', READY_TIMEOUT_MS)
  }

  [Symbol.dispose](): void {
    this.#abort.abort()
  }

  async #follow(): Promise<void> {
    const { signal } = this.#abort
    while (!signal.aborted && !(this.#view && isOver(this.#view.state))) {
      try {
        await this.#read(signal)
      } catch (error) {
        if (!signal.aborted) throw error
      }
      if (!signal.aborted) await sleep(100)
    }
  }

  async #read(signal: AbortSignal): Promise<void> {
    const response = await fetch(this.#url, { headers: { cookie: this.#session.cookie }, signal })
    if (!response.ok || !response.body) throw new Error(`events: ${response.status}`)
    let text = ''
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      text += chunk
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const data = /^data: (.*)$/m.exec(text.slice(0, end))?.[1]
        text = text.slice(end + 2)
        if (data) this.#show(JSON.parse(data) as SandboxView)
      }
    }
  }

  #show(view: SandboxView): void {
    this.#view = view
    for (const { look } of [...this.#waiting]) look(view)
  }
}
