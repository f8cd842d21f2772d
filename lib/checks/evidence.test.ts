import fc from 'fast-check'
import { expect, it } from 'vitest'
import { cleanEvidence, MAX_EVIDENCE_CHARS } from '#lib/checks/evidence.ts'

it('takes terminal escapes, newlines and direction overrides out', () => {
  expect(cleanEvidence('\u001b[31mred\u001b[0m\n\ttwo\u202eevil')).toBe('[31mred [0m two evil')
})

it('is bounded and free of control characters for any text', () => {
  const anyText = fc.string({ unit: 'binary', maxLength: 700 })
  const check = (text: string) => {
    const clean = cleanEvidence(text)
    expect(clean.length).toBeLessThanOrEqual(MAX_EVIDENCE_CHARS)
    expect(clean).not.toMatch(/\p{Cc}/u)
    expect(clean.isWellFormed()).toBe(true)
  }
  fc.assert(fc.property(anyText, check), { numRuns: 50 })
})
