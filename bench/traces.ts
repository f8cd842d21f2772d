import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { type KubectlContext, kubectl } from '#bench/kubectl.ts'
import { findLeftovers } from '#cluster/leftovers.ts'
import { SANDBOX_LABEL } from '#lib/sandbox/names.ts'

/** What sandboxes are made of on the embedded cluster's node, by name. */
export type Traces = Record<'namespaces' | 'processes' | 'interfaces' | 'mounts' | 'cgroups', string[]>

/** Programs of pods, as against the node's own, which start helpers of their own now and then. */
const IN_PODS = /^\d+ (\S*\/agent|\/pause|-?\S*sh\b|\S*dockerd|\S*containerd-shim)/

/** Looks at the node from outside: what the kernel has, not what Kubernetes believes. */
export async function readTraces(ctx: KubectlContext): Promise<Traces> {
  const { processes, cgroups } = findLeftovers(dirname(ctx.kubeconfig))
  const kubelet = processes.find((line) => /^\d+ (\S*\/)?kubelet /.test(line))?.split(' ')[0]
  if (!kubelet) throw new Error('the cluster of this checkout does not run')
  const ofNode = (file: string) => readFileSync(`/proc/${kubelet}/${file}`, 'utf8').split('\n')
  const namespaces = await kubectl(ctx, ['get', 'namespaces', '-l', SANDBOX_LABEL, '-o', 'name'])
  return {
    namespaces: namespaces.split('\n').filter(Boolean),
    processes: processes.filter((line) => IN_PODS.test(line)),
    interfaces: ofNode('net/dev').flatMap((line) => /^\s*(veth\w+):/.exec(line)?.[1] ?? []),
    mounts: ofNode('mountinfo').flatMap((line) => line.split(' ')[4] ?? []),
    cgroups: execFileSync('find', [...cgroups, '-type', 'd'], { encoding: 'utf8' })
      .trim()
      .split('\n'),
  }
}

/** What `after` has and `before` had not. Pure. */
export function newSince(before: Traces, after: Traces): Traces {
  const added = (kind: keyof Traces) => after[kind].filter((name) => !before[kind].includes(name))
  return {
    namespaces: added('namespaces'),
    processes: added('processes'),
    interfaces: added('interfaces'),
    mounts: added('mounts'),
    cgroups: added('cgroups'),
  }
}
