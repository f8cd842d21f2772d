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

/** Whether an item is what the filter asks for. `done`: this reader has finished it. */
export function matches(item: Item, filter: Filter, done: boolean): boolean {
  const text = [item.title, item.summary, ...item.topics, ...item.tags].join(' ').toLowerCase()
  const words = filter.q.toLowerCase().split(/\s+/).filter(Boolean)
  return (
    words.every((word) => text.includes(word)) &&
    (!filter.level || item.level === filter.level) &&
    (!filter.topic || item.topics.includes(filter.topic)) &&
    (!filter.time || item.minutes <= filter.time) &&
    (!filter.done || (filter.done === 'yes') === done)
  )
}
