import { z } from 'zod'
import { AppError } from '#lib/errors.ts'
import { idParams, withUser } from '#lib/http/with-user.ts'
import { openPreview } from '#lib/previews/open-preview.ts'

const params = idParams.extend({ index: z.string().regex(/^\d$/).transform(Number) })

/** A link of the workspace, so a GET: it leads the browser to the page of a machine. */
export const GET = withUser({ params, guests: true, limit: 'preview' }, async ({ user, params, request }) => {
  // A page elsewhere gains nothing by sending a learner there, and need not be able to.
  const site = request.headers.get('sec-fetch-site') ?? 'none'
  if (site !== 'none' && site !== 'same-origin') throw new AppError('forbidden', `a preview asked for from ${site}`)
  const url = await openPreview({
    sandboxId: params.id,
    index: params.index,
    userId: user.id,
    sessionId: user.sessionId,
  })
  return new Response(null, {
    status: 303,
    headers: { location: url, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' },
  })
})
