import { getAuthoring } from '#lib/authoring/get-authoring.ts'
import { withUser } from '#lib/http/with-user.ts'

export const GET = withUser({}, ({ user, request }) =>
  getAuthoring({ userId: user.id, labId: new URL(request.url).searchParams.get('lab') }),
)
