import { expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { admissionManifests } from '#lib/sandbox/admission.ts'
import { admissionYaml } from './admission-yaml.ts'

it('says exactly what the platform applies', () => {
  const images = { base: 'registry.example:5000/drydock/base:1.2', agent: 'drydock.local/agent@sha256:00ff' }
  const registries = ['registry.example']
  const documents = parseAllDocuments(admissionYaml(images, registries), { strict: true })
  if (!Array.isArray(documents)) throw new Error('there are no documents')
  expect(documents.flatMap(({ errors, warnings }) => [...errors, ...warnings])).toEqual([])
  expect(documents.map((document) => document.toJS())).toEqual(admissionManifests(images, registries))
})
