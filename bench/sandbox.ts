import type { SandboxView } from '#lib/sandbox/view.ts'

/** A signed-in user of a running platform. */
export type Session = { baseUrl: string; cookie: string }

export const startSandbox = (session: Session, labId: string) =>
  request<SandboxView>(session, 'POST', '/api/sandboxes', { labId })

/** Resolves when nothing of it is left in the cluster. */
export async function endSandbox(session: Session, id: string): Promise<void> {
  await request(session, 'DELETE', `/api/sandboxes/${id}`)
  await untilState(session, id, 'ended')
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

/** Follows the event stream, as the page does. Rejects when the sandbox is over before. */
export async function untilState(ctx: Session, id: string, state: SandboxView['state']): Promise<void> {
  const abort = new AbortController()
  const signal = AbortSignal.any([abort.signal, AbortSignal.timeout(60_000)])
  const response = await fetch(`${ctx.baseUrl}/api/sandboxes/${id}/events`, { headers: { cookie: ctx.cookie }, signal })
  if (!response.ok || !response.body) throw new Error(`events: ${response.status}`)
  let text = ''
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    text += chunk
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const data = /^data: (.*)$/m.exec(text.slice(0, end))?.[1]
      text = text.slice(end + 2)
      const view = data ? (JSON.parse(data) as SandboxView) : undefined
      if (view?.state === state) return abort.abort()
      if (view && ['failed', 'lost', 'ended'].includes(view.state)) throw new Error(`${view.state}: ${view.reason}`)
    }
  }
  throw new Error(`the event stream ended before ${state}`)
}
