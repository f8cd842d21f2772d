import { join } from 'node:path'
import { adminClient } from './api-client.ts'
import { type BuiltImage, SetupError } from './contract.ts'
import { waitForDeployment } from './deployment.ts'
import { loadImages, pruneImages } from './images.ts'
import { instanceAt } from './instance.ts'
import { REGISTRY_PORT, REGISTRY_SERVICE_IP } from './network.ts'
import { readNodeConfig, runningState } from './state.ts'

const START_LIMIT_MS = 60_000

const NAMESPACE = 'kube-system'
const LABELS = { 'k8s-app': 'registry' }
const METADATA = { name: 'registry', namespace: NAMESPACE, labels: LABELS }

/**
 * The registry as a pod like any other: the kubelet keeps it running, NetworkPolicy lets machines reach it, and what it
 * holds comes with its image, which nothing can write to.
 */
function registryManifests(image: string) {
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: METADATA,
      spec: { selector: LABELS, clusterIP: REGISTRY_SERVICE_IP, ports: [{ name: 'http', port: REGISTRY_PORT }] },
    },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: METADATA,
      spec: {
        podSelector: { matchLabels: LABELS },
        // It answers, and asks nobody.
        policyTypes: ['Ingress', 'Egress'],
        ingress: [{ ports: [{ protocol: 'TCP', port: REGISTRY_PORT }] }],
      },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: METADATA,
      spec: {
        replicas: 1,
        selector: { matchLabels: LABELS },
        template: { metadata: { labels: LABELS }, spec: podSpec(image) },
      },
    },
  ]
}

function podSpec(image: string) {
  return {
    hostUsers: false,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 1,
    containers: [
      {
        name: 'registry',
        image,
        imagePullPolicy: 'Never',
        resources: { requests: { cpu: '10m', memory: '32Mi' }, limits: { cpu: '1', memory: '128Mi' } },
        ports: [{ name: 'http', containerPort: REGISTRY_PORT }],
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          runAsNonRoot: true,
          runAsUser: 65532,
          runAsGroup: 65532,
          capabilities: { drop: ['ALL'] },
          seccompProfile: { type: 'RuntimeDefault' },
        },
        livenessProbe: { httpGet: { path: '/v2/', port: REGISTRY_PORT }, periodSeconds: 10, failureThreshold: 5 },
        readinessProbe: { httpGet: { path: '/v2/', port: REGISTRY_PORT }, periodSeconds: 1 },
      },
    ],
  }
}

/**
 * Loads further images into the running cluster of `dataDir`; older ones of the same name go. Any number of times.
 * @throws SetupError when no cluster runs there
 */
export async function addImages(dataDir: string, images: BuiltImage[]): Promise<{ nodeIp: string; pki: string }> {
  const instance = instanceAt(dataDir)
  const state = runningState(instance)
  if (!state) throw new SetupError('The cluster is down.', 'Start it with `npm run cluster -- up`.')
  const { binDir, nodeIp } = readNodeConfig(instance)
  await pruneImages(state, binDir, images)
  await loadImages(state, binDir, images)
  return { nodeIp, pki: join(instance.dataDir, 'pki') }
}

/**
 * Loads further images into the running cluster of `dataDir`, the one named `registry` among them, and resolves when
 * that serves what it holds. Any number of times.
 * @throws SetupError when no cluster runs there
 */
export async function startRegistry(dataDir: string, images: BuiltImage[]): Promise<void> {
  const registry = images.find(({ name }) => name === 'registry')
  if (!registry) throw new Error('no image is named registry')
  const { nodeIp, pki } = await addImages(dataDir, images)
  const client = adminClient(`https://${nodeIp}:6443`, pki)
  try {
    for (const manifest of registryManifests(registry.ref)) await client.apply(manifest)
    await waitForDeployment(client, 'registry', START_LIMIT_MS)
  } finally {
    client.close()
  }
}
