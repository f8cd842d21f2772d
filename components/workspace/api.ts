import type { ErrorCode } from '#lib/errors.ts'

export class ApiError extends Error {
  readonly code: ErrorCode | 'offline'
  constructor(code: ErrorCode | 'offline', message: string) {
    super(message)
    this.code = code
  }
}

/** Calls our own API. Rejects with an ApiError whose message is for the person at the page. */
export async function api<T>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<T> {
  const init: RequestInit = { method, headers: { 'content-type': 'application/json' } }
  if (body !== undefined) init.body = JSON.stringify(body)
  let response: Response
  try {
    response = await fetch(path, init)
  } catch {
    throw new ApiError(
      'offline',
      'The site cannot be reached. Are you online? Nothing is lost, and a running machine runs on.',
    )
  }
  const answer = (await response.json().catch(() => null)) as { error?: { code: ErrorCode; message: string } } | null
  if (response.ok) return answer as T
  throw new ApiError(
    answer?.error?.code ?? 'internal',
    answer?.error?.message ?? 'Something broke on our side. Please try again.',
  )
}
