import type { Env } from '#lib/env.ts'
import { AppError } from '#lib/errors.ts'
import { isAllowed } from '#lib/labs/image-reference.ts'
import type { Lab } from '#lib/labs/schema.ts'

type Settings = Pick<Env, 'DRYDOCK_LAB_REGISTRIES' | 'DRYDOCK_REGISTRY'>

/** Where the images that labs bring may come from: what the operator lists, and what the machines' registry stands for. */
export const labRegistries = ({ DRYDOCK_LAB_REGISTRIES: listed, DRYDOCK_REGISTRY: registry }: Settings): string[] =>
  registry ? ['docker.io/library', ...listed] : listed

/**
 * Refuses a lab that brings an image from elsewhere, before anything of it is made.
 * @throws AppError `lab-unavailable`, with the image's name
 */
export function refuseForeignImages({ machines }: Pick<Lab, 'machines'>, settings: Settings): void {
  const allowed = labRegistries(settings)
  for (const { name, image } of machines) {
    if (!image || isAllowed(image, allowed)) continue
    throw new AppError('lab-unavailable', `machine ${name} asks for ${image}, which is not in DRYDOCK_LAB_REGISTRIES`, {
      userMessage: `This lab brings an image that this platform does not allow: ${image}. Its operator can allow it.`,
    })
  }
}
