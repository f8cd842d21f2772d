import { expect, it } from 'vitest'
import { filterSchema, found, type Item, isFiltering, matches } from './filter-catalogue.ts'

const item = {
  id: 'courses/x/y',
  title: 'A network of one',
  summary: 'A namespace is a whole stack',
  level: 'beginner',
  minutes: 10,
  topics: ['networking'],
  tags: ['veth'],
} as unknown as Item
const ask = (query: Record<string, unknown>, done = false) => {
  const filter = filterSchema.parse(query)
  return found([item], filter.q).has(item.id) && matches(item, filter, done)
}

it.each([
  [{}, true],
  [{ q: 'NETWORK  stack' }, true],
  [{ q: 'veth' }, true],
  [{ q: 'netw' }, true],
  [{ q: 'netwrok' }, true],
  [{ q: 'namepsace' }, true],
  [{ q: 'network bridge' }, false],
  [{ q: 'kubernetes' }, false],
  [{ q: '!?' }, false],
  [{ level: 'beginner' }, true],
  [{ level: 'advanced' }, false],
  [{ topic: 'networking', time: '10' }, true],
  [{ time: '9' }, false],
  [{ done: 'no' }, true],
  [{ done: 'yes' }, false],
])('%j finds it: %s', (query, expected) => {
  expect(ask(query)).toBe(expected)
})

it('takes any address a stranger may type', () => {
  expect(ask({ q: ['network', 'x'], time: 'soon', level: undefined, nonsense: '1' })).toBe(true)
  expect(ask({ q: 'a'.repeat(5000) })).toBe(true)
  expect(isFiltering(filterSchema.parse({ time: '-3', other: 'x' }))).toBe(false)
})
