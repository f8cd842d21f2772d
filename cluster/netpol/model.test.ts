import { expect, test } from 'vitest'
import { namespaceOf, podOf, policyOf } from './model.ts'

const metadata = { name: 'web', namespace: 'a', uid: 'u1' }

test('a pod’s named ports are those of its containers and sidecars, TCP unless said', () => {
  const ports = (name: string, containerPort: number) => ({ ports: [{ name, containerPort }] })
  const pod = podOf({
    metadata: { ...metadata, labels: { app: 'web' } },
    spec: {
      containers: [ports('http', 80), { ports: [{ containerPort: 81 }] }, {}],
      initContainers: [ports('setup', 82), { ...ports('sidecar', 83), restartPolicy: 'Always' }],
    },
  })
  expect(pod).toEqual({
    uid: 'u1',
    namespace: 'a',
    labels: { app: 'web' },
    ports: [
      { name: 'http', protocol: 'TCP', port: 80 },
      { name: 'sidecar', protocol: 'TCP', port: 83 },
    ],
  })
})

test('what an object leaves out is empty', () => {
  expect(podOf({ metadata, spec: { containers: [] } })).toMatchObject({ labels: {}, ports: [] })
  expect(policyOf({ metadata })).toEqual({ name: 'web', namespace: 'a', spec: {} })
  expect(namespaceOf({ metadata: { name: 'a', uid: 'u2' } })).toEqual({ name: 'a', labels: {} })
})
