import type { Env } from '#lib/env.ts'
import { AppError } from '#lib/errors.ts'
import { isAllowed } from '#lib/labs/image-reference.ts'
import type { Lab } from '#lib/labs/schema.ts'

type Settings = Pick<Env, 'DRYDOCK_LAB_REGISTRIES' | 'DRYDOCK_REGISTRY'>

/** Where the images that labs bring may come from: what the operator lists, and what the machines' registry stands for. */
export const labRegistries = ({ DRYDOCK_LAB_REGISTRIES: listed, DRYDOCK_REGISTRY: registry }: Settings): string[] =>
  registry ? ['docker.io/library', ...listed] : listed

/** Why this platform does not run what the lab brings, in words for a learner; null where it does. */
export function whyForeign(lab: Pick<Lab, 'machines'>, settings: Settings): string | null {
  const image = foreignImage(lab, settings)
  return image && `This lab brings an image that this platform does not allow: ${image}. Its operator can allow it.`
}

const foreignImage = ({ machines }: Pick<Lab, 'machines'>, settings: Settings): string | null => {
  const allowed = labRegistries(settings)
  return machines.find(({ image }) => image && !isAllowed(image, allowed))?.image ?? null
}

/**
 * Refuses a lab that brings an image from elsewhere, before anything of it is made.
 * @throws AppError `lab-unavailable`, with the image's name
 */
export function refuseForeignImages(lab: Pick<Lab, 'machines'>, settings: Settings): void {
  const reason = whyForeign(lab, settings)
  if (reason) throw new AppError('lab-unavailable', `not in DRYDOCK_LAB_REGISTRIES: ${reason}`, { userMessage: reason })
}
