import { expect, it } from 'vitest'
import { newSince, type Traces } from '#bench/traces.ts'

const none: Traces = { namespaces: [], processes: [], interfaces: [], mounts: [], cgroups: [] }

it('tells what came, and neither what stayed nor what went', () => {
  const before = { ...none, interfaces: ['veth1', 'veth2'], mounts: ['/run/a'] }
  const after = { ...none, interfaces: ['veth2', 'veth3'], processes: ['7 /pause'] }
  expect(newSince(before, after)).toEqual({ ...none, interfaces: ['veth3'], processes: ['7 /pause'] })
  expect(newSince(before, before)).toEqual(none)
})
