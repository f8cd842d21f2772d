import { randomBytes } from 'node:crypto'
import { CAPABILITY_NAMES, type Capability } from '#lib/capabilities/capability.ts'
import { type Finding, type Report, unknown } from '#lib/capabilities/report.ts'
import { KubernetesApi, messageOf, serverVersion } from '#lib/k8s/api.ts'
import { createExec } from '#lib/k8s/exec.ts'
import type { KubeConfigSource } from '#lib/k8s/kube-config.ts'
import { probeApi } from '#lib/k8s/probe-api.ts'
import { probeNetwork } from '#lib/k8s/probe-network.ts'
import { probeImageVolumes, probePodSecurity, probeSeccompProfile, probeUserNamespaces } from '#lib/k8s/probe-pods.ts'
import { ProbeSite } from '#lib/k8s/probe-site.ts'

export type ProbeOptions = {
  source: KubeConfigSource
  /** An image with sh, nc, and httpd or socat: busybox, or our base. */
  image: string
  /** The Localhost profile of `engine` machines, below the kubelet's seccomp folder. */
  seccompProfile: string
  /** Gives up, and deletes what was made. */
  signal?: AbortSignal
}

/**
 * Finds out what a cluster offers: by asking its API server, and by pods in a namespace that is deleted in the end. Takes
 * two seconds where all is well, and 45 at most. What cannot be found out is `unknown`.
 * @throws AppError `cluster-unavailable` when there is no cluster to ask; the signal's reason
 */
export async function probeCluster(options: ProbeOptions): Promise<Report> {
  const { source, signal } = options
  const api = new KubernetesApi(source)
  const config = await source.current()
  await api.call(() => serverVersion(config))
  const [asked, tried] = await Promise.all([probeApi(api, config), tryPods({ api, ...options })])
  signal?.throwIfAborted()
  const found: Tried = { ...tried, ...asked }
  const findings = CAPABILITY_NAMES.map((name) => [name, found[name] ?? unknown('not looked at')])
  return { at: new Date().toISOString(), findings: Object.fromEntries(findings) }
}

type Tried = Partial<Record<Capability, Finding>>

async function tryPods(options: ProbeOptions & { api: KubernetesApi }): Promise<Tried> {
  const { api, source, image, seccompProfile, signal } = options
  const name = `dd-doctor-${randomBytes(5).toString('hex')}`
  const site = await ProbeSite.open({ api, exec: createExec(source), image, name }).catch(failure)
  if (!(site instanceof ProbeSite)) return all(site)
  // Whoever waits for a pod of it is then told that it is gone.
  const close = () => void site.close().catch(() => {})
  signal?.addEventListener('abort', close, { once: true })
  try {
    const [users, volumes, seccomp, podSecurity, network] = await Promise.all([
      probeUserNamespaces(site).catch(failure),
      probeImageVolumes(site, image).catch(failure),
      probeSeccompProfile(site, seccompProfile).catch(failure),
      probePodSecurity(site).catch(failure),
      probeNetwork(site, createExec(source, ['v5.channel.k8s.io'])).catch((error: unknown) => all(failure(error))),
    ])
    const pods = { 'user-namespaces': users, 'image-volumes': volumes, 'engine-seccomp': seccomp }
    return { ...network, ...pods, 'pod-security': podSecurity }
  } finally {
    signal?.removeEventListener('abort', close)
    await site.close()
  }
}

const failure = (error: unknown): Finding => unknown(messageOf(error).replace(/\s+/g, ' ').slice(0, 200))
const all = (finding: Finding): Tried => Object.fromEntries(CAPABILITY_NAMES.map((name) => [name, finding]))
