import { readFileSync } from 'node:fs'
import { KubeConfig, KubernetesObjectApi } from '@kubernetes/client-node'
import { type KubectlContext, kubectl } from '#bench/kubectl.ts'
import type { Session } from '#bench/sandbox.ts'
import { openTerminal } from '#bench/terminal.ts'
import { AGENT_PATH, EXAMINER_CONTAINER, namespacesOf } from '#lib/sandbox/names.ts'
import type { SandboxView } from '#lib/sandbox/view.ts'

/** A task whose truth can be changed to and fro, and how somebody without a page would ask for it. */
export type Subject = {
  labId: string
  task: string
  open: (
    ctx: Session & KubectlContext,
    view: SandboxView,
  ) => Promise<{ change: (on: boolean) => Promise<void>; poll: () => Promise<boolean>; close: () => void }>
}

/** A Pod of the right form, which no node runs: nothing but the object itself is looked at. */
export const KUBERNETES_SUBJECT: Subject = {
  labId: 'challenges/three-helpers',
  task: 'drop',
  open: async (ctx, view) => {
    const { learner: namespace } = namespacesOf(view.id)
    const config = new KubeConfig()
    config.loadFromFile(ctx.kubeconfig)
    const api = KubernetesObjectApi.makeApiClient(config)
    const container = (name: string, mountPath: string) => ({
      name,
      image: 'busybox',
      resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { cpu: '100m', memory: '32Mi' } },
      volumeMounts: [{ name: 'drop', mountPath }],
    })
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'photos', namespace },
      spec: {
        nodeSelector: { 'drydock.dev/nowhere': 'true' },
        containers: [container('camera', '/drop'), container('worker', '/inbox')],
        volumes: [{ name: 'drop', emptyDir: {} }],
      },
    }
    return {
      change: async (on) => void (on ? await api.create(pod) : await api.delete(pod, undefined, undefined, 0)),
      poll: async () => {
        const found = await kubectl(ctx, ['-n', namespace, 'get', 'pod', 'photos', '--ignore-not-found', '-o', 'name'])
        return found.trim() !== ''
      },
      close: () => {},
    }
  },
}

const NAMESPACES = { labId: 'challenges/two-namespaces', task: 'namespaces', check: 'checks/namespaces.sh' }

/** A second network namespace, made and taken away in the learner's terminal. */
export const SCRIPT_SUBJECT: Subject = {
  ...NAMESPACES,
  open: async (ctx, view) => {
    const { sys: namespace } = namespacesOf(view.id)
    const [machine] = view.machines
    const terminal = await openTerminal(ctx, view.id, machine)
    terminal.type('ip netns add red\r')
    const script = readFileSync(`content/${NAMESPACES.labId}/${NAMESPACES.check}`, 'utf8')
    const request = `${JSON.stringify({ id: '1', op: 'run', script, env: {}, args: [], timeoutMs: 10_000 })}\n`
    const examine = ['exec', '-i', machine?.name ?? '', '-c', EXAMINER_CONTAINER, '--', AGENT_PATH, 'examine']
    return {
      change: async (on) => terminal.type(`ip netns ${on ? 'add' : 'del'} blue\r`),
      poll: async () => {
        const said = await kubectl(ctx, ['-n', namespace, ...examine], request)
        return JSON.parse(said).verdict === 'pass'
      },
      close: terminal.close,
    }
  },
}
