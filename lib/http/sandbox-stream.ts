import { events } from '#lib/db/events.ts'
import { AppError, toAppError } from '#lib/errors.ts'
import { logger } from '#lib/obs/logger.ts'
import { isOver } from '#lib/sandbox/states.ts'
import type { SandboxView } from '#lib/sandbox/view.ts'

export type SandboxStreamOptions = {
  userId: string
  /** The view as it is now; throws AppError when it is not the user's. */
  read: () => Promise<SandboxView>
  /** Calls back whenever the view may have changed. Hints get lost, so the stream polls as well. */
  subscribe: (onHint: () => void) => () => void
  signal: AbortSignal
  pollMs?: number
  heartbeatMs?: number
  /** Then the browser connects anew, which asks again whether its session still holds. */
  maxAgeMs?: number
}

/** Wake-up hints for one sandbox, over PostgreSQL. */
export const hintsOf = (sandboxId: string) => (onHint: () => void) => events().subscribe(`sandbox:${sandboxId}`, onHint)

const MAX_STREAMS_PER_USER = 12
const openStreams = new Map<string, number>()

/** One server-sent event. JSON has no line breaks, so one data line holds it. */
export const formatEvent = (event: string, data: unknown): string =>
  `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`

/** What of a view must differ to be worth sending: everything but the clock. */
const fingerprint = ({ now: _now, ...view }: SandboxView): string => JSON.stringify(view)

/**
 * Server-sent events with the sandbox's whole view: at once, and after each change. Ends with the sandbox, the request
 * or `maxAgeMs`. Throws `limit-reached` when the user has too many open; a sandbox that is not (or no more) the user's
 * ends the stream with a `gone` event, and any other failure is waited out.
 */
export async function sandboxStream(options: SandboxStreamOptions): Promise<Response> {
  const { userId, read, subscribe, signal, pollMs = 3000, heartbeatMs = 15_000, maxAgeMs = 300_000 } = options
  const first = await read()
  const open = openStreams.get(userId) ?? 0
  if (open >= MAX_STREAMS_PER_USER) {
    throw new AppError('limit-reached', `user ${userId} has ${open} event streams`, {
      userMessage: 'This is open in too many tabs. Close some of them, then reload this one.',
    })
  }
  openStreams.set(userId, open + 1)

  const encoder = new TextEncoder()
  const ended = AbortSignal.any([signal, AbortSignal.timeout(maxAgeMs)])
  let wake = () => {}
  const unsubscribe = subscribe(() => wake())

  async function pump(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    const send = (text: string) => controller.enqueue(encoder.encode(text))
    let view = first
    let sent = ''
    let lastSentAt = 0
    while (!ended.aborted) {
      const print = fingerprint(view)
      if (print !== sent) {
        send(formatEvent('view', view))
        sent = print
        lastSentAt = Date.now()
        if (isOver(view.state)) return
      } else if (Date.now() - lastSentAt >= heartbeatMs) {
        send(': still here\n\n')
        lastSentAt = Date.now()
      }
      await hintOrTimeout()
      if (ended.aborted) return
      try {
        view = await read()
      } catch (thrown) {
        const error = toAppError(thrown)
        if (error.status < 500) return send(formatEvent('gone', error))
        logger({ userId }).warn({ err: error }, 'event stream could not read; it tries again')
      }
    }
  }

  const hintOrTimeout = () =>
    new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer)
        ended.removeEventListener('abort', done)
        wake = () => {}
        resolve()
      }
      const timer = setTimeout(done, pollMs)
      ended.addEventListener('abort', done, { once: true })
      wake = done
    })

  const release = () => {
    unsubscribe()
    const left = (openStreams.get(userId) ?? 1) - 1
    if (left > 0) openStreams.set(userId, left)
    else openStreams.delete(userId)
  }

  const body = new ReadableStream<Uint8Array>({
    // Not awaited: a stream whose start is pending is not read.
    start(controller) {
      void pump(controller)
        // Enqueueing to a reader that left throws; there is nobody to tell.
        .catch(() => {})
        .finally(() => {
          release()
          try {
            controller.close()
          } catch {
            // closed by the reader already
          }
        })
    },
  })
  return new Response(body, {
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      // Proxies that buffer would hold events back.
      'x-accel-buffering': 'no',
    },
  })
}
