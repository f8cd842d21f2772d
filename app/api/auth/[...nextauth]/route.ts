import NextAuth from 'next-auth'
import { keepGuestWork } from '#lib/account/keep-guest-work.ts'
import { authOptions } from '#lib/auth/auth-options.ts'
import { clientAddress } from '#lib/auth/client-address.ts'
import { sessionVisitor } from '#lib/auth/session.ts'
import { env } from '#lib/env.ts'
import { AppError } from '#lib/errors.ts'
import { assertOwnOrigin } from '#lib/http/own-origin.ts'
import { rateLimit } from '#lib/http/rate-limit.ts'
import { errorResponse, json } from '#lib/http/respond.ts'
import { logger } from '#lib/obs/logger.ts'

/** A name or an address, a token and a path. */
const MAX_BODY_BYTES = 16 * 1024

type Context = { params: Promise<{ nextauth: string[] }> }

const signInPage = (error: string) => new URL(`/signin?error=${error}`, env().NEXTAUTH_URL).href

/** The library reads a body of any size, and asks who sends it only then. */
function assertSmall(headers: Headers): void {
  const bytes = headers.get('content-length') ?? (headers.has('transfer-encoding') ? Number.POSITIVE_INFINITY : 0)
  if (Number(bytes) > MAX_BODY_BYTES) throw new AppError('too-large', `a sign-in of ${bytes} bytes`)
}

async function handle(request: Request, context: Context): Promise<Response> {
  const [action = ''] = (await context.params).nextauth
  const userAgent = request.headers.get('user-agent') ?? ''
  const address = clientAddress(request.headers)
  const visitor = action === 'callback' ? await sessionVisitor(request.headers.get('cookie') ?? undefined) : null
  const guestId = visitor?.role === 'guest' ? visitor.id : null
  const onSignIn = async (userId: string) => {
    if (!guestId) return
    // Who cannot take it along must still get in.
    await keepGuestWork({ guestId, userId }).catch((err: unknown) => logger().error({ err, userId }, 'guest not kept'))
  }
  const options = authOptions({ userAgent, address, action, onSignIn })
  return NextAuth(request as never, context as never, options)
}

export async function GET(request: Request, context: Context): Promise<Response> {
  // What a provider says when its "Cancel" was pressed (RFC 6749, section 4.1.2.1): no failure, and not worth a log.
  const cancelled = new URL(request.url).searchParams.get('error') === 'access_denied'
  const [action] = (await context.params).nextauth
  if (action === 'callback' && cancelled) return Response.redirect(signInPage('cancelled'))
  return handle(request, context)
}

export async function POST(request: Request, context: Context): Promise<Response> {
  try {
    assertOwnOrigin(request.headers)
    assertSmall(request.headers)
    const [action] = (await context.params).nextauth
    // Lets pages write into our log. Ours do not.
    if (action === '_log') throw new AppError('not-found', 'a log entry from outside')
    if (action === 'signin') await rateLimit('sign-in', clientAddress(request.headers))
  } catch (thrown) {
    // next-auth's browser part reads the outcome from a URL.
    if (thrown instanceof AppError && thrown.code === 'limit-reached') return json({ url: signInPage(thrown.code) })
    return errorResponse(thrown)
  }
  return handle(request, context)
}
