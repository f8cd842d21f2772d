import { expect, it } from 'vitest'
import { parseSettings } from '#components/terminal/settings.ts'

const read = (values: Record<string, string>) => parseSettings((key) => values[`${key.split('.').at(-1)}`] ?? null)

it('is the defaults where nothing was chosen', () => {
  expect(read({})).toEqual({ fontSize: 14, selectToCopy: false, screenReader: false })
})

it('takes what was chosen, and no size that is not offered', () => {
  expect(read({ 'font-size': '18', 'select-to-copy': '1', 'screen-reader': '1' })).toEqual({
    fontSize: 18,
    selectToCopy: true,
    screenReader: true,
  })
  for (const size of ['0', '-1', '900', 'big', '', 'NaN']) expect(read({ 'font-size': size }).fontSize).toBe(14)
})
