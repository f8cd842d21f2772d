import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { KubeConfigSource, loadKubeConfig } from '#lib/k8s/kube-config.ts'

const config = (server: string) =>
  JSON.stringify({
    'current-context': 'c',
    clusters: [{ name: 'c', cluster: { server } }],
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    users: [{ name: 'u', user: {} }],
  })

it('waits for the file, keeps what it read, and reads it again when it is replaced', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'drydock-'))
  try {
    const path = join(folder, 'kubeconfig')
    const source = new KubeConfigSource(path)
    await expect(source.current()).rejects.toMatchObject({ code: 'cluster-unavailable' })
    await writeFile(path, config('https://one:6443'))
    const first = await source.current()
    expect(first.getCurrentCluster()?.server).toBe('https://one:6443')
    expect(await source.current()).toBe(first)
    await writeFile(`${path}.new`, config('https://two:6443'))
    await rename(`${path}.new`, path)
    expect((await source.current()).getCurrentCluster()?.server).toBe('https://two:6443')
    await writeFile(path, '{"clusters": [')
    await expect(loadKubeConfig(path)).rejects.toMatchObject({ code: 'cluster-unavailable' })
    await writeFile(path, '{}')
    await expect(loadKubeConfig(path)).rejects.toMatchObject({ code: 'cluster-unavailable' })
  } finally {
    await rm(folder, { recursive: true })
  }
})
