import { expect, it } from 'vitest'
import { filterSchema, type Item, isFiltering, matches } from './filter-catalogue.ts'

const item = {
  title: 'A network of one',
  summary: 'A namespace is a whole stack',
  level: 'beginner',
  minutes: 10,
  topics: ['networking'],
  tags: ['veth'],
} as unknown as Item
const ask = (query: Record<string, unknown>, done = false) => matches(item, filterSchema.parse(query), done)

it.each([
  [{}, true],
  [{ q: 'NETWORK  stack' }, true],
  [{ q: 'veth' }, true],
  [{ q: 'network bridge' }, false],
  [{ level: 'beginner' }, true],
  [{ level: 'advanced' }, false],
  [{ topic: 'networking', time: '10' }, true],
  [{ time: '9' }, false],
  [{ done: 'no' }, true],
  [{ done: 'yes' }, false],
])('%j finds it: %s', (query, found) => {
  expect(ask(query)).toBe(found)
})

it('takes any address a stranger may type', () => {
  expect(ask({ q: ['network', 'x'], time: 'soon', level: undefined, nonsense: '1' })).toBe(true)
  expect(ask({ q: 'a'.repeat(5000) })).toBe(true)
  expect(isFiltering(filterSchema.parse({ time: '-3', other: 'x' }))).toBe(false)
})
