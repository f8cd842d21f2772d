import { existsSync, readFileSync } from 'node:fs'
import { stringify } from 'yaml'
import { z } from 'zod'
import { admissionManifests } from '#lib/sandbox/admission.ts'
import { IMAGES_FILE } from './paths.ts'

/**
 * The admission policies as YAML documents for `kubectl apply -f -` or a chart: the very objects that the platform applies
 * itself where it may.
 * @param images references of our images, as in DRYDOCK_IMAGES
 * @param labRegistries where else labs' images may come from, as in DRYDOCK_LAB_REGISTRIES
 */
export const admissionYaml = (images: Record<string, string>, labRegistries: string[] = []): string =>
  admissionManifests(images, labRegistries)
    .map((manifest) => stringify(manifest, { lineWidth: 0 }))
    .join('---\n')

/** `npm run cluster -- manifests`: for the images that DRYDOCK_IMAGES names, or else those that `npm start` built last here. */
export function printManifests(): number {
  const text = process.env.DRYDOCK_IMAGES ?? (existsSync(IMAGES_FILE) ? readFileSync(IMAGES_FILE, 'utf8') : '')
  if (!text) {
    console.error('No images are known: set DRYDOCK_IMAGES as for the platform (docs/operating.md).')
    return 1
  }
  const registries = (process.env.DRYDOCK_LAB_REGISTRIES ?? '')
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((word) => word !== '')
  console.log(admissionYaml(z.record(z.string(), z.string()).parse(JSON.parse(text)), registries))
  return 0
}
