import { randomUUID } from 'node:crypto'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { KubeConfig, KubernetesObjectApi } from '@kubernetes/client-node'
import pino from 'pino'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import type { KubernetesObject, Observation } from '#lib/checks/objects-port.ts'
import { env } from '#lib/env.ts'
import { KubeConfigSource } from '#lib/k8s/kube-config.ts'
import { ObjectWatch } from '#lib/k8s/object-watch.ts'

const source = new KubeConfigSource(env().KUBECONFIG)
const namespace = `dd-test-${randomUUID().slice(0, 8)}`
const log = pino({ level: 'silent' })
const options = { source, keep: (name: string) => name === namespace, log }
let api: KubernetesObjectApi

beforeAll(async () => {
  api = KubernetesObjectApi.makeApiClient(await source.current())
  await api.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
})
afterAll(async () => {
  await api.delete({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
})

const deployment = (name: string, replicas: number) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    // Nobody runs it: what is looked at is what the API server and its controllers say.
    template: {
      metadata: { labels: { app: name } },
      spec: { nodeSelector: { nowhere: 'x' }, containers: [{ name: 'c', image: 'none' }] },
    },
  },
})
const configMap = (name: string, value: string, labels: Record<string, string> = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace, labels },
  data: { value },
})

/** Subscribes, and collects what is told. */
function follow(watch: ObjectWatch, query: { resource: string; name?: string; selector?: string }) {
  const told: Observation[] = []
  const end = watch.subscribe({ namespace, ...query }, (observation) => told.push(observation))
  const last = () => told.at(-1)
  const names = () => {
    const now = last()
    return now?.kind === 'known' ? now.objects.map(({ metadata }) => metadata.name).sort() : now?.kind
  }
  const object = (): KubernetesObject | undefined => {
    const now = last()
    return now?.kind === 'known' ? now.objects[0] : undefined
  }
  return { told, end, last, names, object }
}

it('tells of an object as it comes, changes and goes, in the API server’s own words', async () => {
  const watch = new ObjectWatch(options)
  const web = follow(watch, { resource: 'deployments.apps', name: 'web' })
  expect(web.last()).toEqual({ kind: 'unknown' })
  await vi.waitFor(() => expect(web.last()).toEqual({ kind: 'known', objects: [] }), 10_000)
  await api.create(deployment('web', 2))
  await api.create(deployment('other', 1))
  await vi.waitFor(() => expect(web.object()).toMatchObject({ kind: 'Deployment', spec: { replicas: 2 } }), 10_000)
  expect(web.object()?.metadata).not.toHaveProperty('managedFields')
  await vi.waitFor(() => expect(web.object()).toMatchObject({ status: { unavailableReplicas: 2 } }), 10_000)
  await api.patch({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace },
    spec: { replicas: 3 },
  })
  await vi.waitFor(() => expect(web.object()).toMatchObject({ status: { unavailableReplicas: 3 } }), 10_000)
  await api.delete(deployment('web', 3))
  await vi.waitFor(() => expect(web.names()).toEqual([]), 10_000)
  expect(web.told.every((each) => each.kind !== 'known' || each.objects.every((o) => o.metadata.name === 'web'))).toBe(
    true,
  )
  watch.stop()
})

it('follows a kind once for all who ask, lists by label, and lets go after a while', async () => {
  const watch = new ObjectWatch({ ...options, lingerMs: 50 })
  const blue = follow(watch, { resource: 'configmaps', selector: 'colour=blue' })
  const all = follow(watch, { resource: 'configmaps' })
  expect(watch.resources).toEqual(['configmaps'])
  await api.create(configMap('one', '1', { colour: 'blue' }))
  await api.create(configMap('two', '2', { colour: 'red' }))
  await vi.waitFor(() => expect(blue.names()).toEqual(['one']), 10_000)
  await vi.waitFor(() => expect(all.names()).toEqual(expect.arrayContaining(['one', 'two'])), 10_000)
  await api.patch(configMap('one', '1', { colour: 'red' }))
  await vi.waitFor(() => expect(blue.names()).toEqual([]), 10_000)
  const late = follow(watch, { resource: 'configmaps', name: 'two' })
  expect(late.object()).toMatchObject({ data: { value: '2' } })
  const again = new ObjectWatch(options)
  const listed = follow(again, { resource: 'configmaps', name: 'two' })
  await vi.waitFor(() => expect(listed.object()).toEqual(late.object()), 10_000)
  again.stop()
  for (const { end } of [blue, all, late]) end()
  await vi.waitFor(() => expect(watch.resources).toEqual([]), 10_000)
})

it('says what the cluster refuses, and that no namespace is foreign', async () => {
  const watch = new ObjectWatch(options)
  const unknown = follow(watch, { resource: 'unicorns' })
  const group = follow(watch, { resource: 'unicorns.example.com' })
  const nodes = follow(watch, { resource: 'nodes' })
  const told = (what: ReturnType<typeof follow>, message: string) =>
    vi.waitFor(
      () => expect(what.last()).toMatchObject({ kind: 'refused', message: expect.stringContaining(message) }),
      10_000,
    )
  await told(unknown, 'no "unicorns"')
  await told(group, '404')
  await told(nodes, 'does not belong to a namespace')
  const elsewhere: Observation[] = []
  watch.subscribe({ namespace: 'kube-system', resource: 'pods' }, (seen) => elsewhere.push(seen))
  await vi.waitFor(() => expect(elsewhere.at(-1)).toEqual({ kind: 'known', objects: [] }), 10_000)
  watch.stop()
})

/** A way to the API server that can be cut, refused, or fall silent. */
async function cuttable() {
  const real = await source.current()
  const cluster = real.getCurrentCluster()
  const { hostname, port } = new URL(cluster?.server ?? '')
  const sockets = new Set<Socket>()
  let way: 'open' | 'cut' | 'silent' = 'open'
  const server: Server = createServer((near) => {
    if (way === 'cut') return near.destroy()
    if (way === 'silent') return sockets.add(near)
    const far = connect(Number(port || 443), hostname)
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one)
      one.on('error', () => other.destroy()).on('close', () => other.destroy() && sockets.delete(one))
      one.pipe(other)
    }
    return undefined
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const config = new KubeConfig()
  config.loadFromString(real.exportConfig())
  const local = `https://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  config.clusters = config.clusters.map((each) => ({ ...each, server: local, tlsServerName: hostname }))
  return {
    source: { current: async () => config } as KubeConfigSource,
    cut: () => {
      way = 'cut'
      for (const socket of sockets) socket.destroy()
    },
    silence: () => {
      way = 'silent'
      for (const socket of sockets) socket.pause().unpipe()
    },
    mend: () => {
      way = 'open'
    },
    close: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

it('knows nothing while the watch is cut, and what happened meanwhile once it is back', async () => {
  const way = await cuttable()
  const watch = new ObjectWatch({ ...options, source: way.source })
  const seen = follow(watch, { resource: 'configmaps', name: 'cut' })
  await api.create(configMap('cut', 'before'))
  await vi.waitFor(() => expect(seen.object()).toMatchObject({ data: { value: 'before' } }), 10_000)
  way.cut()
  await vi.waitFor(() => expect(seen.last()).toEqual({ kind: 'unknown' }), 10_000)
  await api.delete(configMap('cut', 'before'))
  way.mend()
  const mended = performance.now()
  await vi.waitFor(() => expect(seen.names()).toEqual([]), 10_000)
  expect(performance.now() - mended).toBeLessThan(5500)
  watch.stop()
  way.close()
})

it('notices a server that fell silent', async () => {
  const way = await cuttable()
  const watch = new ObjectWatch({ ...options, source: way.source })
  const seen = follow(watch, { resource: 'configmaps' })
  await vi.waitFor(() => expect(seen.last()?.kind).toBe('known'), 10_000)
  way.silence()
  await vi.waitFor(() => expect(seen.last()).toEqual({ kind: 'unknown' }), { timeout: 10_000, interval: 100 })
  way.cut()
  way.mend()
  await vi.waitFor(() => expect(seen.last()?.kind).toBe('known'), { timeout: 20_000, interval: 100 })
  watch.stop()
  way.close()
})
