import { z } from 'zod'
import { idParams, withUser } from '#lib/http/with-user.ts'
import { breakScene, nameLayer } from '#lib/progress/break-scene.ts'

const body = z.object({ scene: z.string().min(1).max(60), layer: z.string().min(1).max(80).optional() })

/** Without a layer: asks for one of the scene's hidden faults. With one: names where it is. */
export const POST = withUser({ params: idParams, body, guests: true }, ({ user, params, body: { scene, layer } }) => {
  const options = { userId: user.id, sandboxId: params.id, scene }
  return layer === undefined ? breakScene(options) : nameLayer({ ...options, layer })
})
