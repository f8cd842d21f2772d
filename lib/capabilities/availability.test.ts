import { expect, it } from 'vitest'
import { availability } from '#lib/capabilities/availability.ts'
import { CAPABILITIES, CAPABILITY_NAMES, REQUIRED } from '#lib/capabilities/capability.ts'
import { labNeeds } from '#lib/capabilities/lab-needs.ts'
import { merged, no, unknown, yes } from '#lib/capabilities/report.ts'
import { testReport } from '#lib/capabilities/testing.ts'

const lab = (profile: 'shell' | 'root' | 'kubernetes') => ({ machines: [{ name: 'm', profile, terminals: ['main'] }] })

it('a lab can be had where everything is', () => {
  expect(availability(lab('root'), testReport(), [])).toEqual({ kind: 'available' })
})

it.each(REQUIRED)('no lab without %s, and learners are told why', (name) => {
  const judged = availability(lab('shell'), testReport({ [name]: no('seen') }), [])
  expect(judged).toEqual({ kind: 'lacking', reason: expect.stringMatching(/^This lab is not available here: \w.+\.$/) })
})

it('what only some labs need keeps only those back', () => {
  const report = testReport({
    'mutating-policies': no(''),
    'engine-seccomp': no(''),
    metrics: no(''),
    'device-tun': no(''),
  })
  expect(availability(lab('root'), report, [])).toEqual({ kind: 'available' })
  expect(availability(lab('kubernetes'), report, [])).toMatchObject({ kind: 'lacking' })
  expect(labNeeds({ machines: [{ profile: 'engine' }] })).toContain('engine-seccomp')
})

it('denies by default: what is not known is neither available nor lacking', () => {
  expect(availability(lab('root'), null, [])).toEqual({ kind: 'unknown' })
  expect(availability(lab('root'), testReport({ 'network-policy': unknown('') }), [])).toEqual({ kind: 'unknown' })
})

it('the operator may do without what is named, and nothing else', () => {
  const report = testReport({ 'network-policy': no('') })
  expect(availability(lab('root'), report, ['network-policy'])).toEqual({ kind: 'available' })
  expect(availability(lab('root'), report, ['pod-security'])).toMatchObject({ kind: 'lacking' })
})

it('what a later probe could not find out stays as it was', () => {
  const before = testReport({ storage: no('none') })
  const now = testReport({ 'network-policy': unknown('full'), storage: unknown('full'), exec: no('') })
  expect(merged(before, now).findings).toMatchObject({
    'network-policy': yes('seen'),
    storage: no('none'),
    exec: no(''),
  })
  expect(merged(null, now)).toBe(now)
})

it('every capability that labs may need has words for learners', () => {
  const needed = labNeeds({ machines: [{ profile: 'kubernetes' }, { profile: 'engine' }] })
  for (const name of CAPABILITY_NAMES) expect(CAPABILITIES[name].lacking !== '').toBe(needed.includes(name))
})
