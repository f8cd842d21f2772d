import { loadCatalogue } from '#lib/content/load-catalogue.ts'
import { stampOf } from '#lib/content/stamp.ts'
import type { Catalogue, Challenge, ContentLab, Lesson } from '#lib/content/types.ts'
import { env } from '#lib/env.ts'

let cached: { stamp: string; catalogue: Promise<Catalogue> } | undefined

/**
 * The catalogue of this process, read once from CONTENT_DIR; in development read again when a file has changed.
 * Content with problems is left out and listed in `problems`. Throws `internal` when the folder cannot be read.
 */
export async function catalogue(): Promise<Catalogue> {
  const { CONTENT_DIR, NODE_ENV } = env()
  if (cached && NODE_ENV !== 'development') return cached.catalogue
  const stamp = await stampOf(CONTENT_DIR)
  if (cached?.stamp === stamp) return cached.catalogue
  const read = { stamp, catalogue: loadCatalogue(CONTENT_DIR) }
  cached = read
  read.catalogue.catch(() => {
    if (cached === read) cached = undefined
  })
  return read.catalogue
}

/** A lesson by its id (`courses/<course>/<slug>`), or null. */
export async function lessonOf(id: string): Promise<Lesson | null> {
  return (await catalogue()).lessons.find((lesson) => lesson.id === id) ?? null
}

/** A challenge by its id (`challenges/<slug>`), or null. */
export async function challengeOf(id: string): Promise<Challenge | null> {
  return (await catalogue()).challenges.find((challenge) => challenge.id === id) ?? null
}

/** The lab that a lesson or challenge carries, with its digest; null when there is none. `id` may be anything a client sent. */
export async function labOf(id: string): Promise<ContentLab | null> {
  const { lessons, challenges } = await catalogue()
  return [...challenges, ...lessons].find((item) => item.id === id)?.lab ?? null
}
