import { idParams, withUser } from '#lib/http/with-user.ts'
import { extendSandbox } from '#lib/sandbox/extend-sandbox.ts'

export const POST = withUser({ params: idParams }, ({ user, params }) =>
  extendSandbox({ userId: user.id, sandboxId: params.id }),
)
