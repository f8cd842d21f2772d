import { expect, it } from 'vitest'
import { formatReport, missing } from '#lib/capabilities/format-report.ts'
import { no, reportSchema, unknown } from '#lib/capabilities/report.ts'
import { testReport } from '#lib/capabilities/testing.ts'

const report = testReport({
  'network-policy': no('packets pass a policy'),
  exec: unknown('no pod'),
  metrics: no('none'),
})

it('says what was found and, where it is missing, what works without it and how to get it', () => {
  const lines = formatReport(report).split('\n')
  expect(lines[0]).toMatch(/^needed {2}yes {6}Kubernetes 1\.33 or newer +seen$/)
  const at = lines.findIndex((line) => line.includes('NetworkPolicy enforced'))
  expect(lines.slice(at, at + 3)).toEqual([
    expect.stringMatching(/^needed {2}no .*packets pass a policy$/),
    expect.stringMatching(/^ +without it: no lab, .*ACCEPT_MISSING/),
    expect.stringMatching(/^ +how to get it: a network plugin/),
  ])
  expect(lines.filter((line) => line.includes('metrics API'))).toEqual([expect.stringMatching(/^ {8}no /)])
})

it('misses what is needed and not surely there, but for what is accepted', () => {
  expect(missing(report, [])).toEqual(['network-policy', 'exec'])
  expect(missing(report, ['network-policy'])).toEqual(['exec'])
  expect(missing(testReport({ metrics: no('') }), [])).toEqual([])
})

it('is stored and read back; an older form is not believed', () => {
  expect(reportSchema.parse(JSON.parse(JSON.stringify(report)))).toEqual(report)
  expect(reportSchema.safeParse({ at: 'x', findings: { exec: { found: 'yes', detail: '' } } }).success).toBe(false)
})
