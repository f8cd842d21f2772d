import { describe, expect, it } from 'vitest'
import { admissionManifests } from '#lib/sandbox/admission.ts'

const images = {
  root: 'drydock.local/root:ee0443a9994d',
  base: 'registry.example:5000/drydock/base:1.2',
  agent: 'drydock.local/agent@sha256:00ff',
  ingress: 'drydock.local/ingress:7',
}
const manifests = admissionManifests(images)
const ofKind = (kind: string) => manifests.filter((one) => one.kind === kind)

type Spec = {
  failurePolicy: string
  matchConstraints: { namespaceSelector: unknown }
  variables?: { name: string; expression: string }[]
}
const policies = manifests.filter(({ kind }) => kind.endsWith('AdmissionPolicy'))

describe('admission policies', () => {
  it('have a binding each', () => {
    for (const kind of ['ValidatingAdmissionPolicy', 'MutatingAdmissionPolicy']) {
      const names = ofKind(kind).map(({ metadata }) => metadata.name)
      expect(names.length).toBeGreaterThan(0)
      expect(ofKind(`${kind}Binding`).map(({ spec }) => (spec as { policyName: string }).policyName)).toEqual(names)
    }
    for (const { spec } of ofKind('ValidatingAdmissionPolicyBinding')) {
      expect(spec).toMatchObject({ validationActions: ['Deny'] })
    }
  })

  it.each(policies.map((policy) => [policy.metadata.name, policy.spec as Spec] as const))(
    '%s fails closed, and looks at namespaces of ours alone',
    (_, { failurePolicy, matchConstraints }) => {
      expect(failurePolicy).toBe('Fail')
      expect(matchConstraints.namespaceSelector).toMatchObject({
        matchLabels: { 'drydock.dev/namespace': expect.stringMatching(/^(machines|learner)$/) },
        matchExpressions: [
          { key: 'drydock.dev/sandbox', operator: 'Exists' },
          { key: 'drydock.dev/instance', operator: 'Exists' },
        ],
      })
    },
  )

  it('pins the repositories of our images, whatever their version', () => {
    const machines = policies.find(({ metadata }) => metadata.name === 'drydock-machines')?.spec as Spec
    expect(machines.variables?.find(({ name }) => name === 'repositories')?.expression).toBe(
      '["drydock.local/root:", "registry.example:5000/drydock/base:", "drydock.local/agent@", "drydock.local/ingress:"]',
    )
  })

  it('pins where authors’ images come from: nowhere, unless an operator says so', () => {
    const variable = (name: string, labRegistries?: string[]) => {
      const spec = admissionManifests(images, labRegistries)[0]?.spec as Spec | undefined
      return spec?.variables?.find((one) => one.name === name)?.expression
    }
    expect(variable('labRepositories')).toBe('[]')
    expect(variable('labRepositories', ['registry.example:5000', 'docker.io/library'])).toBe(
      '["registry.example:5000/", "docker.io/library/", "docker.io/library:", "docker.io/library@"]',
    )
    expect(variable('seccomp')).toBe('{"engine": "drydock-engine.json"}')
  })
})
