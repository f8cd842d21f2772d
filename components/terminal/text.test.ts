import { describe, expect, it } from 'vitest'
import { inWords, isWebLink, runsByItself, typed, withCtrl } from '#components/terminal/text.ts'

describe('terminal text', () => {
  it('asks before a paste that would run something', () => {
    expect(['ls', 'ls -l  ', '', '\n'].map(runsByItself)).toEqual([false, false, false, false])
    expect(['ls\n', 'a\nb', 'a\r\nb'].map(runsByItself)).toEqual([true, true, true])
  })

  it('types a line end as Enter', () => {
    expect(new TextDecoder().decode(typed('a\r\nb\n'))).toBe('a\rb\r')
  })

  it('follows web links only', () => {
    expect(['https://example.org/x', 'http://localhost'].map(isWebLink)).toEqual([true, true])
    const bad = ['javascript:alert(1)', 'JaVaScRiPt:1', 'file:///etc/passwd', 'data:text/html,x', 'ssh://x', 'x', '']
    expect(bad.map(isWebLink)).toEqual(bad.map(() => false))
  })

  it('knows what Ctrl sends', () => {
    expect(['c', 'C', '[', ' ', '1'].map(withCtrl)).toEqual(['\x03', '\x03', '\x1b', '\x00', '1'])
  })

  it('says sizes', () => {
    expect([12, 4_200, 14_666_860].map(inWords)).toEqual(['12 bytes', '4.2 kB', '14.7 MB'])
  })
})
