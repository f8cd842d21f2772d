import { db } from '#lib/db/client.ts'

const PAGE = 500

/**
 * Everything that is kept about the user, as one JSON document in pieces: small however much there is, and no secret in
 * it. Rows are read in pages while the pieces are taken.
 */
export async function* exportAccount({ userId }: { userId: string }): AsyncGenerator<string> {
  const user = await db().user.findUniqueOrThrow({
    where: { id: userId },
    select: {
      name: true,
      email: true,
      emailVerified: true,
      role: true,
      createdAt: true,
      accounts: { select: { provider: true, providerAccountId: true } },
      signIns: { select: { userAgent: true, createdAt: true, lastSeenAt: true }, orderBy: { createdAt: 'asc' } },
      lessonVisits: { select: { lessonId: true, visitedAt: true }, orderBy: { visitedAt: 'asc' } },
    },
  })
  const { accounts, signIns, lessonVisits, ...profile } = user
  const head = { exportedAt: new Date(), profile, accounts, signIns, lessonVisits }
  yield `${JSON.stringify(head, null, 2).slice(0, -2)}`
  yield* list('attempts', (after) =>
    db().attempt.findMany({
      ...page(after),
      where: { userId },
      // What the lab drew and looks for is no data about a person, and would give answers away.
      omit: { userId: true, vars: true, fittingHints: true },
      include: {
        results: { omit: { attemptId: true } },
        hintUses: { omit: { attemptId: true } },
        answers: { omit: { attemptId: true } },
      },
    }),
  )
  yield* list('sandboxes', (after) =>
    db().sandbox.findMany({
      ...page(after),
      where: { userId },
      omit: { userId: true, clusterUid: true, fence: true, preparation: true },
      include: { reports: { omit: { sandboxId: true } }, faults: { omit: { sandboxId: true, faultId: true } } },
    }),
  )
  yield* list('verdicts', async (after) => {
    const rows = await db().verdict.findMany({
      where: { sandbox: { userId }, ...(after ? { id: { gt: BigInt(after) } } : {}) },
      orderBy: { id: 'asc' },
      take: PAGE,
    })
    return rows.map((row) => ({ ...row, id: String(row.id) }))
  })
  yield '\n}\n'
}

const page = (after: string | undefined) => ({
  orderBy: { id: 'asc' as const },
  take: PAGE,
  ...(after ? { cursor: { id: after }, skip: 1 } : {}),
})

/** One member of the document, an array, filled page by page until there are no more rows. */
async function* list(
  name: string,
  read: (after: string | undefined) => Promise<{ id: string }[]>,
): AsyncGenerator<string> {
  yield `,\n  ${JSON.stringify(name)}: [`
  let after: string | undefined
  for (let first = true; ; ) {
    const rows = await read(after)
    for (const row of rows) {
      yield `${first ? '' : ','}\n    ${JSON.stringify(row)}`
      first = false
    }
    after = rows.at(-1)?.id
    if (rows.length < PAGE) break
  }
  yield '\n  ]'
}
