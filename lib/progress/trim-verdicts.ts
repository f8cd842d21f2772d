import { db } from '#lib/db/client.ts'

const KEPT_DAYS = 14
/** About an hour of three tasks, evaluated every second. */
const KEPT_PER_SANDBOX = 10_000

/** Deletes evaluations that are two weeks old, and the oldest of a sandbox that has more than its share. */
export async function trimVerdicts(): Promise<number> {
  const old = await db().$executeRaw`delete from "Verdict"
    where "evaluatedAt" < (now() at time zone 'utc') - make_interval(days => ${KEPT_DAYS})`
  const many = await db().$executeRaw`delete from "Verdict" v using (
      select "sandboxId", (array_agg("id" order by "id" desc))[${KEPT_PER_SANDBOX}::int] as oldest
      from "Verdict" group by "sandboxId" having count(*) > ${KEPT_PER_SANDBOX}
    ) kept where v."sandboxId" = kept."sandboxId" and v."id" < kept.oldest`
  return old + many
}
