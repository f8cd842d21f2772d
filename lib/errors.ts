/** Every way in which Drydock refuses or fails, by name. A new code needs a line in `STATUS`, which the compiler asks for. */
export type ErrorCode =
  | 'bad-request'
  | 'unauthenticated'
  | 'forbidden'
  | 'not-found'
  | 'conflict'
  | 'gone'
  | 'too-large'
  | 'limit-reached'
  | 'invalid-content'
  | 'cluster-unavailable'
  | 'lab-unavailable'
  | 'internal'

const STATUS: Record<ErrorCode, number> = {
  'bad-request': 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  gone: 410,
  'too-large': 413,
  'limit-reached': 429,
  'invalid-content': 422,
  'cluster-unavailable': 503,
  'lab-unavailable': 503,
  internal: 500,
}

const DEFAULT_USER_MESSAGE: Record<ErrorCode, string> = {
  'bad-request': 'That request could not be read.',
  unauthenticated: 'Please sign in first.',
  forbidden: 'That is not yours to change.',
  'not-found': 'There is nothing here, or it is not yours.',
  conflict: 'Something else changed this at the same time. Reload and try again.',
  gone: 'This has ended.',
  'too-large': 'That is too large.',
  'limit-reached': 'Too many at once. Wait a little and try again.',
  'invalid-content': 'The content has an error.',
  'cluster-unavailable':
    'The lab machines cannot be reached right now. Your work is kept; this page tries again by itself.',
  'lab-unavailable': 'This lab is not available here: the cluster behind this platform does not allow it.',
  internal: 'Something broke on our side. Your work is kept; please try again.',
}

/**
 * The one error class. `message` goes to the log, `userMessage` to the person; wrap a cause with `{ cause }`.
 */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly userMessage: string

  constructor(code: ErrorCode, message: string, options: { userMessage?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.name = 'AppError'
    this.code = code
    this.userMessage = options.userMessage ?? DEFAULT_USER_MESSAGE[code]
  }

  get status(): number {
    return STATUS[this.code]
  }

  /** What may leave the process: the code and the words for a person, never the log's message. */
  toJSON(): { error: { code: ErrorCode; message: string } } {
    return { error: { code: this.code, message: this.userMessage } }
  }
}

/** Any thrown value as an AppError; unknown causes become `internal` so that nothing leaks. */
export function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown
  return new AppError('internal', thrown instanceof Error ? thrown.message : String(thrown), { cause: thrown })
}

/** Makes the compiler prove that a switch over a union has a case for every member. */
export function assertExhaustive(value: never): never {
  throw new AppError('internal', `unhandled case: ${JSON.stringify(value)}`)
}
