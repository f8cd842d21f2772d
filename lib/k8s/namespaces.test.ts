import { expect, it } from 'vitest'
import { WRITABLE_KINDS } from '#lib/k8s/namespaces.ts'
import { LEARNER_RULES } from '#lib/sandbox/learner-role.ts'

it('knows every kind that a learner can write', () => {
  const plural = (kind: string) => `${kind.toLowerCase()}${kind.endsWith('s') ? 'es' : 's'}`
  const known = WRITABLE_KINDS.map(([apiVersion, kind]) => `${plural(kind)}.${apiVersion.replace(/\/?v1$/, '')}`)
  const written = LEARNER_RULES.filter(({ verbs }) => verbs.includes('create')).flatMap(({ apiGroups, resources }) =>
    resources.filter((name) => !name.includes('/')).map((name) => `${name}.${apiGroups[0]}`),
  )
  expect(written.length).toBeGreaterThan(10)
  expect(known.sort()).toEqual(written.sort())
})
