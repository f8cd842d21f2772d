import { type ZodType, z } from 'zod'
import { sessionVisitor, type Visitor } from '#lib/auth/session.ts'
import { AppError } from '#lib/errors.ts'
import { assertOwnOrigin } from '#lib/http/own-origin.ts'
import { type LimitName, rateLimit } from '#lib/http/rate-limit.ts'
import { errorResponse, json, readJson } from '#lib/http/respond.ts'

const MAX_BODY_BYTES = 16 * 1024
const FOR_ACCOUNTS = { userMessage: 'That needs an account. Sign in, and what you did as a guest goes with you.' }

/** The id of a row, as it stands in a path. */
export const idParams = z.object({ id: z.string().regex(/^[a-z0-9]{1,40}$/) })

type Options<Params, Body> = {
  params?: ZodType<Params>
  body?: ZodType<Body>
  limit?: LimitName
  status?: number
  /** Guests may call it, too. */
  guests?: true
}
type Call<Params, Body> = { user: Visitor; params: Params; body: Body; request: Request }
type RouteContext = { params: Promise<unknown> }

/**
 * The way into every handler that acts for a person: a page of ours sent it (for writes), someone is signed in (a guest
 * only where the route says so), not too often, parameters and body are what the schemas say; then the handler runs.
 * What it returns is the JSON answer, unless it is a Response already; what it throws becomes the AppError's status and
 * words.
 */
export function withUser<Params = unknown, Body = unknown>(
  options: Options<Params, Body>,
  handler: (call: Call<Params, Body>) => Promise<unknown>,
): (request: Request, context: RouteContext) => Promise<Response> {
  return async (request, context) => {
    try {
      const writes = request.method !== 'GET' && request.method !== 'HEAD'
      if (writes) assertOwnOrigin(request.headers)
      const user = await sessionVisitor(request.headers.get('cookie') ?? undefined)
      if (!user) throw new AppError('unauthenticated', 'no session')
      if (user.role === 'guest' && !options.guests) throw new AppError('forbidden', 'not for guests', FOR_ACCOUNTS)
      if (writes || options.limit) await rateLimit(options.limit ?? 'write', user.id)
      const params = parse(options.params, await context.params)
      const body = options.body ? parse(options.body, await readJson(request, MAX_BODY_BYTES)) : (undefined as Body)
      const result = await handler({ user, params, body, request })
      return result instanceof Response ? result : json(result, options.status)
    } catch (thrown) {
      return errorResponse(thrown)
    }
  }
}

function parse<T>(schema: ZodType<T> | undefined, value: unknown): T {
  if (!schema) return undefined as T
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw new AppError('bad-request', z.prettifyError(result.error))
}
