import { cookies } from 'next/headers'
import { startAsGuest } from '#lib/account/start-as-guest.ts'
import { beginSession } from '#lib/auth/begin-session.ts'
import { clientAddress } from '#lib/auth/client-address.ts'
import { guestCookie } from '#lib/auth/guest-cookie.ts'
import { sessionVisitor } from '#lib/auth/session.ts'
import { catalogue, labOf } from '#lib/content/catalogue.ts'
import { AppError } from '#lib/errors.ts'
import { assertOwnOrigin } from '#lib/http/own-origin.ts'
import { rateLimit } from '#lib/http/rate-limit.ts'
import { errorResponse, json } from '#lib/http/respond.ts'
import { startSandbox } from '#lib/sandbox/start-sandbox.ts'
import { liveParts } from '../../live-parts.ts'

/** Starts the home page's lab, and no other, for whoever asks: a stranger becomes a guest and gets a session. */
export async function POST({ headers }: Request): Promise<Response> {
  try {
    assertOwnOrigin(headers)
    const address = clientAddress(headers)
    await rateLimit('start', address)
    const labId = liveParts(await catalogue())?.lesson.id
    if (!labId) throw new AppError('not-found', 'the home page has no lab')
    const visitor = await sessionVisitor(headers.get('cookie') ?? undefined)
    // Signed in meanwhile, in another tab.
    if (visitor && visitor.role !== 'guest') {
      return json(await startSandbox({ userId: visitor.id, labId, loadLab: labOf }), 201)
    }
    const guestId = visitor?.id ?? null
    const { userId, view } = await startAsGuest({ guestId, address, labId, loadLab: labOf })
    if (userId !== guestId) {
      const session = await beginSession({ userId, userAgent: headers.get('user-agent') ?? '' })
      const store = await cookies()
      store.set(await guestCookie(session))
    }
    return json(view, 201)
  } catch (thrown) {
    return errorResponse(thrown)
  }
}
