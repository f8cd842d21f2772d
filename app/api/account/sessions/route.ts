import { endAllSessions } from '#lib/account/end-session.ts'
import { withUser } from '#lib/http/with-user.ts'

export const DELETE = withUser({}, async ({ user }) => {
  await endAllSessions({ userId: user.id })
  return { ended: 'all' }
})
