import { db } from '#lib/db/client.ts'
import { errorResponse, json } from '#lib/http/respond.ts'

/** Healthy: this process answers and its database does. */
export async function GET(): Promise<Response> {
  try {
    await db().$queryRaw`select 1`
    return json({ status: 'ok' })
  } catch (thrown) {
    return errorResponse(thrown)
  }
}
