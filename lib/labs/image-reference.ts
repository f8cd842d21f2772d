import { z } from 'zod'

const COMPONENT = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*'
const REPOSITORY = new RegExp(`^${COMPONENT}(?:/${COMPONENT})*$`)
const REGISTRY = /^(?=.*[.:]|localhost$)[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?$/
const VERSION = /^(?::\w[\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$/

/**
 * An image's reference in full, as the kubelet and admission policies read it (github.com/distribution/reference):
 * `nginx:1.26` is `docker.io/library/nginx:1.26`.
 * @returns null for what is no reference, or names no version: a lab is to be the same tomorrow
 */
export function fullReference(text: string): string | null {
  const [, name = '', version = ''] = /^([^@]*?)((?::[^:/@]*)?(?:@.*)?)$/.exec(text) ?? []
  const [first = '', ...rest] = name.split('/')
  const named = rest.length > 0 && REGISTRY.test(first)
  const registry = named ? first : 'docker.io'
  const path = named ? rest.join('/') : name
  const repository = registry === 'docker.io' && !path.includes('/') ? `library/${path}` : path
  const valid = REPOSITORY.test(repository) && version !== '' && VERSION.test(version)
  return valid && `${registry}/${repository}`.length <= 255 ? `${registry}/${repository}${version}` : null
}

/** Stored in full. */
export const imageReference = z
  .string()
  .max(600)
  .refine((text) => fullReference(text) !== null, 'an image with its version, e.g. "python:3.13-slim"')
  .overwrite((text) => fullReference(text) ?? text)

/**
 * Whether an operator's list allows an image. An entry is a registry, a folder of one, or one repository:
 * `registry.example`, `docker.io/library`, `docker.io/library/python`.
 * @param image a full reference
 */
export const isAllowed = (image: string, allowed: readonly string[]): boolean =>
  allowed.flatMap(prefixes).some((prefix) => image.startsWith(prefix))

/** What references begin with that an entry allows; after a bare registry a colon would begin its port, not a tag. */
export const prefixes = (entry: string): string[] =>
  entry.includes('/') ? [`${entry}/`, `${entry}:`, `${entry}@`] : [`${entry}/`]
