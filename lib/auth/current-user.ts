import { headers } from 'next/headers'
import { cache } from 'react'
import { type SessionUser, sessionUser } from '#lib/auth/session.ts'

/** The signed-in user of the page being rendered, or null; asked once per request. */
export const currentUser: () => Promise<SessionUser | null> = cache(async () =>
  sessionUser((await headers()).get('cookie') ?? undefined),
)
