import { db } from '#lib/db/client.ts'

export type HeldLease = { name: string; token: number }

/**
 * Takes, or keeps, a named lease for `ttlMs`; null when another holder has it. The token rises with every change of
 * holder and after every lapse: whoever writes under a token that is not the newest any more is refused
 * (`transition`). Times are the database's, so holders' clocks do not matter.
 */
export async function holdLease(options: { name: string; holder: string; ttlMs: number }): Promise<HeldLease | null> {
  const { name, holder, ttlMs } = options
  const seconds = ttlMs / 1000
  const rows = await db().$queryRaw<{ token: number }[]>`
    insert into "Lease" as l ("name", "holder", "token", "expiresAt")
    values (${name}, ${holder}, 1, (now() at time zone 'utc') + make_interval(secs => ${seconds}))
    on conflict ("name") do update set
      "holder" = excluded."holder",
      "token" = l."token" + case when l."holder" = excluded."holder" and l."expiresAt" > (now() at time zone 'utc')
        then 0 else 1 end,
      "expiresAt" = excluded."expiresAt"
    where l."holder" = excluded."holder" or l."expiresAt" <= (now() at time zone 'utc')
    returning "token"`
  const [row] = rows
  return row ? { name, token: row.token } : null
}

/** Lets the next holder in at once instead of after the lapse. */
export async function releaseLease({ name, token }: HeldLease): Promise<void> {
  // Clearly past: the column rounds to milliseconds, and half of all nows would round up into the future.
  await db().$executeRaw`update "Lease" set "expiresAt" = (now() at time zone 'utc') - interval '1 second'
    where "name" = ${name} and "token" = ${token}`
}
