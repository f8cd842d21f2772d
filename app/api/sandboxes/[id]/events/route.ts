import { hintsOf, sandboxStream } from '#lib/http/sandbox-stream.ts'
import { idParams, withUser } from '#lib/http/with-user.ts'
import { getSandboxView } from '#lib/sandbox/get-sandbox-view.ts'

export const GET = withUser({ params: idParams, limit: 'stream', guests: true }, ({ user, params, request }) =>
  sandboxStream({
    userId: user.id,
    read: () => getSandboxView({ userId: user.id, sandboxId: params.id }),
    subscribe: hintsOf(params.id),
    signal: request.signal,
  }),
)
