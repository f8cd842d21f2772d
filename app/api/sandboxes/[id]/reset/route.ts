import { labOf } from '#lib/content/catalogue.ts'
import { idParams, withUser } from '#lib/http/with-user.ts'
import { resetSandbox } from '#lib/sandbox/reset-sandbox.ts'

export const POST = withUser({ params: idParams, limit: 'start', status: 201 }, ({ user, params }) =>
  resetSandbox({ userId: user.id, sandboxId: params.id, loadLab: labOf }),
)
