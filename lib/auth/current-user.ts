import { headers } from 'next/headers'
import { cache } from 'react'
import { personOf, type SessionUser, sessionVisitor, type Visitor } from '#lib/auth/session.ts'

/** Whoever looks at the page being rendered, a guest too, or null; asked once per request. */
export const currentVisitor: () => Promise<Visitor | null> = cache(async () =>
  sessionVisitor((await headers()).get('cookie') ?? undefined),
)

/** The signed-in user of the page being rendered, or null. A guest is signed out wherever pages ask this. */
export const currentUser = async (): Promise<SessionUser | null> => personOf(await currentVisitor())
