import type { IncomingHttpHeaders } from 'node:http'
import { sessionVisitor } from '#lib/auth/session.ts'

/**
 * Who sends this request, by its session cookie, checked against the database; null when nobody does; a guest, too. For plain Node
 * requests: the gateway asks before it upgrades a WebSocket. Throws only when the database cannot be reached.
 */
export async function authenticateRequest(headers: IncomingHttpHeaders): Promise<{ userId: string } | null> {
  const visitor = await sessionVisitor(headers.cookie)
  return visitor && { userId: visitor.id }
}
