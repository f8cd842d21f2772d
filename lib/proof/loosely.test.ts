import { expect, test } from 'vitest'
import { matchesLoosely } from '#lib/proof/loosely.ts'

test.each([
  ['net:[<n>]', 'net:[4026531840]\n', true],
  ['net:[<n>]', 'net:[x]', false],
  ['<ip> dev eth0', 'fd00::1 dev  eth0', true],
  ['web  <id>  Running  <age>', 'web   7d4f9c-x2   Running   3m2s', true],
  ['first\n…\nlast', 'first\nmore\nand more\nlast', true],
  ['first\n…', 'first\nmore', true],
  ['one', 'one\ntwo', false],
  ['a.b', 'axb', false],
  ['(star*)', '(star*)', true],
])('%j is shown, %j is printed: %s', (sample, output, same) => {
  expect(matchesLoosely(sample, output)).toBe(same)
})
