import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { env } from '#lib/env.ts'
import { AppError } from '#lib/errors.ts'

const refsSchema = z.record(z.string(), z.string())

/**
 * Image name (root, examiner, agent, …) to its reference inside the cluster. From DRYDOCK_IMAGES, or from the file
 * DRYDOCK_IMAGES_FILE, which the setup writes once the images are built: it may appear after the server has started.
 */
export function imageRefs(): Record<string, string> {
  const { DRYDOCK_IMAGES: inline, DRYDOCK_IMAGES_FILE: file } = env()
  if (!file) return inline
  try {
    return refsSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch (cause) {
    throw new AppError('cluster-unavailable', `the image list ${file} cannot be read`, {
      userMessage: 'The machine images are not built yet.',
      cause,
    })
  }
}
