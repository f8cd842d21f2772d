import MiniSearch from 'minisearch'
import { z } from 'zod'
import type { Challenge, Lesson } from '#lib/content/types.ts'

export type Item = Lesson | Challenge

const one = z.preprocess((value) => (Array.isArray(value) ? value[0] : value), z.string().trim().max(100).catch(''))

/** What the catalogue's address may ask for; whatever cannot be read asks for nothing. */
export const filterSchema = z.object({
  q: one.default(''),
  level: one.default(''),
  topic: one.default(''),
  /** At most so many minutes. */
  time: one.transform((text) => (/^\d{1,3}$/.test(text) ? Number(text) : null)).default(null),
  done: one.default(''),
})

export type Filter = z.output<typeof filterSchema>

export const isFiltering = (filter: Filter): boolean => Object.values(filter).some(Boolean)

/** The ids of the items whose words hold every word asked for: begun, or with a letter or two amiss in a longer one. */
export function found(items: Item[], q: string): Set<string> {
  if (!q) return new Set(items.map(({ id }) => id))
  const index = new MiniSearch({
    fields: ['title', 'summary', 'words'],
    searchOptions: { combineWith: 'AND', prefix: true, fuzzy: (term) => (term.length < 4 ? false : 0.25) },
  })
  index.addAll(
    items.map(({ id, title, summary, topics, tags }) => ({
      id,
      title,
      summary,
      words: [...topics, ...tags].join(' '),
    })),
  )
  return new Set(index.search(q).map(({ id }) => String(id)))
}

/** Whether an item is what the filter's choices ask for. `done`: this reader has finished it. */
export function matches(item: Item, filter: Filter, done: boolean): boolean {
  return (
    (!filter.level || item.level === filter.level) &&
    (!filter.topic || item.topics.includes(filter.topic)) &&
    (!filter.time || item.minutes <= filter.time) &&
    (!filter.done || (filter.done === 'yes') === done)
  )
}
