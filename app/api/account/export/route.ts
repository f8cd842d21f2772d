import { exportAccount } from '#lib/account/export-account.ts'
import { withUser } from '#lib/http/with-user.ts'

/** A body that takes the next piece only when the reader has room for it. */
function streamed(pieces: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  return new ReadableStream({
    pull: async (controller) => {
      const { done, value } = await pieces.next()
      if (done) controller.close()
      else controller.enqueue(encoder.encode(value))
    },
    cancel: async () => void (await pieces.return(undefined)),
  })
}

export const GET = withUser({ limit: 'export' }, async ({ user }) => {
  const day = new Date().toISOString().slice(0, 10)
  return new Response(streamed(exportAccount({ userId: user.id })), {
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'content-disposition': `attachment; filename="drydock-export-${day}.json"`,
      'cache-control': 'no-store',
    },
  })
})
