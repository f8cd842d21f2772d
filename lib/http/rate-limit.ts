import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible'
import { db } from '#lib/db/client.ts'
import { AppError } from '#lib/errors.ts'

/** How many times, within how many seconds, per key. */
const LIMITS = {
  'dev-sign-in': { points: 30, duration: 60 },
  'sign-in': { points: 60, duration: 60 },
  'mail-from': { points: 30, duration: 15 * 60 },
  'mail-to': { points: 5, duration: 15 * 60 },
  export: { points: 5, duration: 60 },
  start: { points: 10, duration: 60 },
  // By network address: ten minutes each, so one address has at most one machine all the time.
  guest: { points: 6, duration: 60 * 60 },
  // So that no short answer is found by trying them all.
  answer: { points: 20, duration: 60 },
  report: { points: 20, duration: 60 },
  write: { points: 60, duration: 60 },
  // By ticket: each is good once.
  'preview-ticket': { points: 1, duration: 120 },
  preview: { points: 60, duration: 60 },
  stream: { points: 60, duration: 60 },
}

export type LimitName = keyof typeof LIMITS

/** The limiter speaks to a `pg` client; this is our one database client in that shape. */
const storeClient = {
  query: async ({ text, values }: { text: string; values: unknown[] }) => {
    const rows = await db().$queryRawUnsafe<{ points: number; expire: bigint }[]>(text, ...values)
    return { rows: rows.map((row) => ({ ...row, expire: Number(row.expire) })), rowCount: rows.length }
  },
}

const limiters = new Map<LimitName, RateLimiterPostgres>()

function limiter(name: LimitName): RateLimiterPostgres {
  const existing = limiters.get(name)
  if (existing) return existing
  const made = new RateLimiterPostgres({
    storeClient,
    storeType: 'client',
    tableName: 'RateLimit',
    tableCreated: true,
    keyPrefix: name,
    ...LIMITS[name],
  })
  limiters.set(name, made)
  return made
}

/**
 * Counts one use of `name` by `key` (a user's id, a network address, or `all`), across every process on this database.
 * Throws `limit-reached`, with the seconds to wait in its words, when there were too many.
 */
export async function rateLimit(name: LimitName, key: string): Promise<void> {
  try {
    await limiter(name).consume(key)
  } catch (thrown) {
    if (!(thrown instanceof RateLimiterRes)) throw thrown
    const seconds = Math.ceil(thrown.msBeforeNext / 1000)
    throw new AppError('limit-reached', `rate limit ${name}`, {
      userMessage: `That was a lot at once. Try again in ${seconds} second${seconds === 1 ? '' : 's'}.`,
    })
  }
}
