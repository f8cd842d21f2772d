import { expect, it } from 'vitest'
import { actsAtOnce, isMoreThanEcho } from '#lib/checks/activity.ts'

it.each([
  ['letters', 'ls -l', false],
  ['Enter', ':wq\r', true],
  ['several lines at once', 'one\ntwo', true],
  ['Ctrl-C', '\x03', true],
  ['Ctrl-D', '\x04', true],
  ['a command of a terminal multiplexer', '\x02c', true],
  ['completion', 'ls /t\t', false],
  ['an arrow', '\x1b[A', false],
  ['Backspace', '\x7f', false],
])('of what is typed: %s', (_, keys, acts) => {
  expect(actsAtOnce(Buffer.from(keys))).toBe(acts)
})

it.each([
  ['letters', 'ls', false],
  ['a line of a program’s', 'done\r\n', true],
  ['a screen that is left by one key', '\x1b[?1049l', true],
])('of what is shown: %s', (_, output, more) => {
  expect(isMoreThanEcho(Buffer.from(output))).toBe(more)
})
