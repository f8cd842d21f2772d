import { folderOf } from '#lib/content/folder-of.ts'
import { keepReadable } from '#lib/content/keep-readable.ts'
import { loadCatalogue } from '#lib/content/load-catalogue.ts'
import { readVerified, type Verified } from '#lib/content/proof-record.ts'
import { stampOf } from '#lib/content/stamp.ts'
import type { Body, Catalogue, Challenge, ContentLab, Lesson } from '#lib/content/types.ts'
import { env } from '#lib/env.ts'

let cached: { stamp: string; catalogue: Promise<Catalogue> } | undefined

/**
 * The catalogue of this process, read once from CONTENT_DIR; in development and for authors, again when a file has changed.
 * Content with problems is left out and listed in `problems`. Throws `internal` when the folder cannot be read.
 */
export async function catalogue(): Promise<Catalogue> {
  const { CONTENT_DIR, NODE_ENV, AUTHORING } = env()
  if (cached && NODE_ENV !== 'development' && !AUTHORING) return cached.catalogue
  const stamp = await contentStamp()
  if (cached?.stamp === stamp) return cached.catalogue
  const before = AUTHORING ? await cached?.catalogue.catch(() => undefined) : undefined
  const now = loadCatalogue(CONTENT_DIR)
  const read = { stamp, catalogue: before ? now.then((loaded) => keepReadable(before, loaded)) : now }
  cached = read
  read.catalogue.catch(() => {
    if (cached === read) cached = undefined
  })
  return read.catalogue
}

/** Changes with the files of the content. */
export const contentStamp = (): Promise<string> => stampOf(env().CONTENT_DIR)

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
  return (await itemOf(id))?.lab ?? null
}

/** The text beside a lab; null where the lab is not in the catalogue (any more). */
export async function textOf(labId: string): Promise<Body | null> {
  return (await itemOf(labId))?.body ?? null
}

async function itemOf(id: string): Promise<Lesson | Challenge | undefined> {
  const { lessons, challenges } = await catalogue()
  return [...challenges, ...lessons].find((item) => item.id === id)
}

const verified = new WeakMap<Lesson | Challenge, Promise<Verified>>()

/** The proof of a lesson's or challenge's lab, read once for each time its files were. */
export function verifiedOf(item: Lesson | Challenge): Promise<Verified> {
  const known = verified.get(item) ?? readVerified(env().CONTENT_DIR, item.id, folderOf(item)).catch(() => null)
  verified.set(item, known)
  return known
}

/** Where a reader makes a measurement: in the lesson with that `:::record`. `fact` is `<task>.<value>`. */
export type RecordSource = { id: string; fact: string; labId: string; lesson: string; href: string }

/** Where the records are made that a text keeps or shows. */
export async function recordSources({ records, recorded }: Body): Promise<RecordSource[]> {
  const { lessons } = await catalogue()
  return [...Object.keys(records), ...recorded].flatMap((id) => {
    const at = lessons.find(({ body }) => Object.hasOwn(body.records, id))
    const fact = at?.body.records[id]
    return at && fact ? [{ id, fact, labId: at.id, lesson: at.title, href: `/learn/${at.course}/${at.slug}` }] : []
  })
}
