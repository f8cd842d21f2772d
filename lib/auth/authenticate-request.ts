import type { IncomingHttpHeaders } from 'node:http'
import { sessionUser } from '#lib/auth/session.ts'

/**
 * Who sends this request, by its session cookie, checked against the database; null when nobody does. For plain Node
 * requests: the gateway asks before it upgrades a WebSocket. Throws only when the database cannot be reached.
 */
export async function authenticateRequest(headers: IncomingHttpHeaders): Promise<{ userId: string } | null> {
  const user = await sessionUser(headers.cookie)
  return user && { userId: user.id }
}
