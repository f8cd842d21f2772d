import { expect, test } from 'vitest'
import { Shell } from '#lib/proof/shell.ts'

const shellWith = (...output: string[]) => {
  const shell = new Shell()
  shell.hear('root@box:~# ')
  shell.typed()
  for (const text of output) shell.hear(text)
  return shell
}

test('an answer is what stands between the echo and the next prompt, without colours', () => {
  expect(shellWith('ls\r\n', '\x1b[32ma\x1b[0m  b\r\n\x1b[?2004h', 'root@box:~# ').answer).toBe('a  b')
  expect(shellWith('true\r\nroot@box:~# ').answer).toBe('')
})

test('a heredoc, a python, and a prompt that a background program wrote behind ask for a line', () => {
  expect(shellWith('cat <<END\r\n> ').asks).toBe(true)
  expect(shellWith('(sleep 1; echo late) &\r\nroot@box:~# late\r\n').asks).toBe(true)
})

test('while something runs it does not ask', () => {
  expect(shellWith('sleep 9\r\n').asks).toBe(false)
  expect(shellWith('ls').asks).toBe(false)
  expect(shellWith('tail -f log\r\nhello\r\n').asks).toBe(false)
})

test('an endless output is kept in part', () => {
  const shell = shellWith('yes\r\n', ...Array.from({ length: 64 }, () => 'y\r\n'.repeat(4096)), 'root@box:~# ')
  expect(shell.asks).toBe(true)
  expect(shell.screen.length).toBeLessThanOrEqual(8000)
})
