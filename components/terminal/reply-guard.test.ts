import { Terminal } from '@xterm/xterm'
import { describe, expect, it } from 'vitest'
import { ReplyGuard } from '#components/terminal/reply-guard.ts'

function setUp() {
  const terminal = new Terminal({ allowProposedApi: true, cols: 80, rows: 24 })
  const guard = new ReplyGuard(terminal)
  const replies: string[] = []
  terminal.onData((data) => {
    if (guard.allows(data)) replies.push(data)
  })
  const write = (data: string, replayed: boolean) => new Promise<void>((done) => guard.write(data, replayed, done))
  return { terminal, guard, replies, write }
}

const QUESTIONS = [
  '\x1b[c',
  '\x1b[>c',
  '\x1b[5n',
  '\x1b[6n',
  '\x1b[?6n',
  '\x1b[4$p',
  '\x1b[?25$p',
  '\x1bP$qm\x1b\\',
  '\x1bP$qx"; ls\x1b\\',
  '\x1b[?1004h',
]

describe('reply guard', () => {
  it('answers nothing that is replayed, and everything that is live', async () => {
    for (const question of QUESTIONS) {
      const { replies, write } = setUp()
      await write(question, true)
      expect([question, replies.length]).toEqual([question, 0])
      await write(question, false)
      if (question !== '\x1b[?1004h') expect([question, replies.length]).toEqual([question, 1])
    }
  })

  it('tells replay from what follows it in the same breath', async () => {
    const { guard, replies, write } = setUp()
    guard.write('\x1b[6n', true)
    guard.write('\x1b[5n', false)
    await write('\x1b[c', true)
    expect(replies).toEqual(['\x1b[0n'])
  })

  it('never tells a program the window’s title or the clipboard, and never echoes its words back', async () => {
    const { replies, write } = setUp()
    await write('\x1b]2;rm -rf /\x07\x1b[21t\x1b]52;c;?\x07\x1b[>q\x05\x1bP+q544e\x1b\\', false)
    expect(replies).toEqual([])
    await write('\x1bP$q; rm -rf /\x1b\\', false)
    expect(replies.join('')).not.toContain('rm')
  })

  it('still shows what is replayed', async () => {
    const { terminal, write } = setUp()
    await write('he\x1b[cllo', true)
    expect(terminal.buffer.active.getLine(0)?.translateToString(true)).toBe('hello')
  })
})
