import { describe, expect, it } from 'vitest'
import { compileCheck } from '#lib/checks/kubernetes-check.ts'
import type { Observation } from '#lib/checks/objects-port.ts'

const known = (...objects: object[]): Observation => ({
  kind: 'known',
  objects: objects.map((object) => ({ metadata: { name: 'web' }, ...object })),
})
const ready = { get: 'deployments.apps/web', cel: 'object.status.?readyReplicas.orValue(0) == 3' }
const evidence = '{{ object.status.readyReplicas }} of 3 replicas are ready'

describe('a Kubernetes check', () => {
  it('asks for one object, or for those with labels', () => {
    expect(compileCheck(ready, undefined).query).toEqual({ resource: 'deployments.apps', name: 'web' })
    const list = { list: 'pods', selector: 'app=web', cel: 'true' }
    expect(compileCheck(list, undefined).query).toEqual({ resource: 'pods', selector: 'app=web' })
  })

  it.each<[string, Observation, string | undefined, string | undefined]>([
    ['passes', known({ status: { readyReplicas: 3 } }), 'pass', '3 of 3 replicas are ready'],
    ['is not yet', known({ status: {} }), 'not-yet', 'none of 3 replicas are ready'],
    ['is not yet without an object', known(), 'not-yet', 'There is no deployments.apps/web.'],
    ['says nothing while nothing is known', { kind: 'unknown' }, undefined, undefined],
    [
      'is broken when the cluster refuses',
      { kind: 'refused', message: '403' },
      'broken',
      expect.stringMatching(/our check failed/),
    ],
    ['is broken when it cannot be evaluated', known({}), 'broken', expect.stringMatching(/our check failed/)],
  ])('%s', (_name, seen, verdict, said) => {
    const judgement = compileCheck(ready, evidence).judge(seen, {})
    expect([judgement?.verdict, judgement?.evidence]).toEqual([verdict, said])
  })

  it.each([
    ['object.spec.replicas', 'bigint'],
    ['object.metadata.name', 'string'],
    ['object.missing', 'No such key'],
  ])('is broken, never passed, when %s is no yes or no', (cel, detail) => {
    const judgement = compileCheck({ get: 'pods/web', cel }, undefined).judge(known({ spec: { replicas: 1 } }), {})
    expect(judgement).toMatchObject({ verdict: 'broken', detail: expect.stringContaining(detail) })
  })

  it('is broken when what was stored does not compile any more', () => {
    const judgement = compileCheck({ get: 'pods/web', cel: 'object ==' }, undefined).judge(known({}), {})
    expect(judgement?.verdict).toBe('broken')
  })

  it('judges a Secret by what it holds and shows none of it', () => {
    const secret = {
      kind: 'Secret',
      data: { password: 'aHVzaA==' },
      metadata: { name: 'web', annotations: { last: 'aHVzaA==' } },
    }
    const check = { get: 'secrets/web', cel: 'object.data.password == "aHVzaA=="' }
    const said = '{{ object.data.password }} {{ object.metadata }} {{ object.kind }}'
    const judgement = compileCheck(check, said).judge(known(secret), {})
    expect(judgement).toEqual({ verdict: 'pass', evidence: 'none {"name":"web"} Secret', detail: '' })
  })
})
