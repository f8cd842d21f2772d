import { idParams, withUser } from '#lib/http/with-user.ts'
import { revealSolution } from '#lib/progress/reveal-solution.ts'

export const POST = withUser({ params: idParams }, ({ user, params }) =>
  revealSolution({ userId: user.id, attemptId: params.id }),
)
