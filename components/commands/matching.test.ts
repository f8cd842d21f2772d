import { expect, it } from 'vitest'
import { matching } from '#components/commands/matching.ts'

const actions = ['Show the text alone', 'Show the machine alone', 'Go to: Learn'].map((label) => ({ label }))

it.each([
  ['', 3],
  ['  ', 3],
  ['alone', 2],
  ['ALONE text', 1],
  ['lea', 1],
  ['reboot', 0],
  ['.*', 0],
])('“%s” finds %i', (typed, count) => {
  expect(matching(actions, typed)).toHaveLength(count)
})
