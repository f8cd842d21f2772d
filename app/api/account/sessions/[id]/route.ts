import { endSession } from '#lib/account/end-session.ts'
import { idParams, withUser } from '#lib/http/with-user.ts'

export const DELETE = withUser({ params: idParams }, async ({ user, params }) => {
  await endSession({ userId: user.id, sessionId: params.id })
  return { ended: params.id }
})
