import { AppError } from '#lib/errors.ts'
import { rateLimit } from '#lib/http/rate-limit.ts'

/** True for the first to show a ticket, whichever gateway asks; its own time is over before it is forgotten. */
export async function spendTicket(nonce: string): Promise<boolean> {
  try {
    await rateLimit('preview-ticket', nonce)
    return true
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code === 'limit-reached') return false
    throw thrown
  }
}
