import { deviceName } from '#lib/account/device-name.ts'
import { isDevAddress } from '#lib/auth/dev-sign-in.ts'
import { db } from '#lib/db/client.ts'
import { LIVE_STATES } from '#lib/sandbox/states.ts'

export type Account = {
  name: string
  /** Null also for the one that the development sign-in makes up. */
  email: string | null
  role: string
  createdAt: Date
  /** Ids of the providers it signs in with; a link by mail leaves none. */
  providers: string[]
  sessions: { id: string; device: string; createdAt: Date; lastSeenAt: Date; current: boolean }[]
  /** What a deletion would take. */
  holds: { attempts: number; visits: number; liveMachines: number }
}

/** What the settings page shows of the user's account; sessions newest first. */
export async function getAccount(caller: { userId: string; sessionId: string }): Promise<Account> {
  const { userId, sessionId } = caller
  const [{ accounts, signIns, _count, ...user }, liveMachines] = await Promise.all([
    db().user.findUniqueOrThrow({
      where: { id: userId },
      select: {
        name: true,
        email: true,
        role: true,
        createdAt: true,
        accounts: { select: { provider: true } },
        signIns: { orderBy: { lastSeenAt: 'desc' } },
        _count: { select: { attempts: true, lessonVisits: true } },
      },
    }),
    db().sandbox.count({ where: { userId, state: { in: [...LIVE_STATES] } } }),
  ])
  return {
    ...user,
    name: user.name ?? '',
    email: user.email && isDevAddress(user.email) ? null : user.email,
    providers: accounts.map(({ provider }) => provider),
    sessions: signIns.map(({ id, userAgent, createdAt, lastSeenAt }) => ({
      id,
      device: deviceName(userAgent),
      createdAt,
      lastSeenAt,
      current: id === sessionId,
    })),
    holds: { attempts: _count.attempts, visits: _count.lessonVisits, liveMachines },
  }
}
