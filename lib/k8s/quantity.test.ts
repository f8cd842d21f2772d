import { expect, it } from 'vitest'
import { quantity } from '#lib/k8s/quantity.ts'

it.each([
  ['256Mi', 268_435_456],
  ['50m', 0.05],
  ['1.5', 1.5],
  ['24659156Ki', 25_250_975_744],
  ['1e3', 1000],
  ['2E', 2e18],
  ['3G', 3e9],
  ['', 0],
  ['much', 0],
  [undefined, 0],
])('%s', (text, value) => {
  expect(quantity(text)).toBe(value)
})
