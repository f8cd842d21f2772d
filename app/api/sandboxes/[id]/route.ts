import { idParams, withUser } from '#lib/http/with-user.ts'
import { endSandbox } from '#lib/sandbox/end-sandbox.ts'
import { getSandboxView } from '#lib/sandbox/get-sandbox-view.ts'

export const GET = withUser({ params: idParams, guests: true }, ({ user, params }) =>
  getSandboxView({ userId: user.id, sandboxId: params.id }),
)

export const DELETE = withUser({ params: idParams, guests: true }, ({ user, params }) =>
  endSandbox({ userId: user.id, sandboxId: params.id }),
)
