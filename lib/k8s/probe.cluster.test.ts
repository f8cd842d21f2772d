import { KubernetesObjectApi, type V1Namespace } from '@kubernetes/client-node'
import { expect, it } from 'vitest'
import { ENGINE_SECCOMP_PROFILE, REQUIRED } from '#lib/capabilities/capability.ts'
import { env } from '#lib/env.ts'
import { KubeConfigSource } from '#lib/k8s/kube-config.ts'
import { probeCluster } from '#lib/k8s/probe-cluster.ts'
import { imageRefs } from '#lib/sandbox/image-refs.ts'

const source = new KubeConfigSource(env().KUBECONFIG)
const image = imageRefs().base ?? ''
const options = { source, image, seccompProfile: ENGINE_SECCOMP_PROFILE }

/** The probes' namespaces that nobody deletes. */
async function namespaces(): Promise<string[]> {
  const api = KubernetesObjectApi.makeApiClient(await source.current())
  const { items } = await api.list<V1Namespace>('v1', 'Namespace')
  return items.flatMap(({ metadata: { name = '', deletionTimestamp } = {} }) =>
    name.startsWith('dd-doctor-') && !deletionTimestamp ? [name] : [],
  )
}

it('finds what labs need, by trying it, and leaves nothing', async () => {
  const { findings } = await probeCluster(options)
  for (const name of [...REQUIRED, 'mutating-policies', 'exec-v5', 'room'] as const) {
    expect(findings[name], name).toMatchObject({ found: 'yes' })
  }
  expect(findings['user-namespaces'].detail).toMatch(/^root is [1-9]\d+, 65536 ids$/)
  expect(await namespaces()).toEqual([])
})

it('does not take for found what is not there, and says unknown of what it could not try', async () => {
  const { findings } = await probeCluster({ ...options, seccompProfile: 'no-such-profile.json' })
  expect(findings['engine-seccomp']).toMatchObject({ found: 'no', detail: expect.stringContaining('no-such-profile') })
  const blind = await probeCluster({ ...options, image: 'drydock.local/no-such-image:1' })
  for (const name of ['user-namespaces', 'image-volumes', 'network-policy', 'exec'] as const) {
    expect(blind.findings[name], name).toMatchObject({ found: 'unknown' })
  }
  expect(await namespaces()).toEqual([])
})

it('ends at once when it is told to, and leaves nothing', async () => {
  const stopping = new AbortController()
  const probe = probeCluster({ ...options, signal: stopping.signal })
  await expect.poll(namespaces, { timeout: 20_000 }).not.toEqual([])
  stopping.abort()
  await expect(probe).rejects.toThrow()
  expect(await namespaces()).toEqual([])
})
