import { randomUUID } from 'node:crypto'
import pino from 'pino'
import { db } from '#lib/db/client.ts'
import { labDigest } from '#lib/labs/digest.ts'
import { labSchema } from '#lib/labs/schema.ts'
import type { ClusterPort, Manifest, OwnedNamespace, PodStatus } from '#lib/sandbox/cluster-port.ts'
import { INSTANCE_LABEL, MACHINE_LABEL, SANDBOX_LABEL } from '#lib/sandbox/names.ts'
import { type ReconcileOptions, SandboxReconcile } from '#lib/sandbox/reconcile-sandboxes.ts'
import type { LoadLab } from '#lib/sandbox/start-sandbox.ts'

/** What this folder's database tests share: a user of their own, a small lab, and a cluster that is only a Map. */

export async function ownUser(): Promise<{ userId: string; [Symbol.asyncDispose]: () => Promise<void> }> {
  const { id: userId } = await db().user.create({ data: { name: `test ${randomUUID()}` } })
  return {
    userId,
    [Symbol.asyncDispose]: async () => {
      await db().user.delete({ where: { id: userId } })
    },
  }
}

export const testLab = {
  lab: labSchema.parse({
    machines: [{ name: 'box', profile: 'root', terminals: ['main'] }],
    time: { budget: '30m', extend: '10m' },
    tasks: [
      { id: 'one', title: 'The first', check: { run: 'checks/one.sh' } },
      { id: 'two', title: 'The second', needs: ['one'], check: { run: 'checks/two.sh' } },
    ],
    hints: { one: ['look', 'look closer'] },
  }),
  scripts: { 'checks/one.sh': 'pass yes', 'checks/two.sh': 'pass yes' },
}

export const loadTestLab: LoadLab = async (labId) =>
  labId.startsWith('challenges/test')
    ? { definition: testLab, digest: labDigest(labId.replace(/-\w+$/, ''), testLab) }
    : null

/** A cluster that does what it is told at once. `pods` and `namespaces` may be changed by hand, as fate does. */
export class FakeCluster implements ClusterPort {
  uid: string = randomUUID()
  created: Manifest[] = []
  deleted: string[] = []
  refuse: Error | null = null
  readonly namespaces = new Map<string, OwnedNamespace>()
  readonly pods = new Map<string, PodStatus>()

  version = async () => 'v0'
  identity: () => Promise<string> = async () => this.uid
  apply = async () => true
  apiServer = async () => [{ address: '10.0.0.1', port: 6443 }]
  fits: ClusterPort['fits'] = async () => true
  releaseNamespace: ClusterPort['releaseNamespace'] = async () => 0
  listNamespaces = async () => [...this.namespaces.values()]
  watchPods = () => ({ stop: () => {} })

  async create(manifests: Manifest[]): Promise<void> {
    if (this.refuse) throw this.refuse
    for (const manifest of manifests) {
      const { name, namespace = '', labels = {} } = manifest.metadata
      const sandboxId = labels[SANDBOX_LABEL] ?? ''
      if (!labels[INSTANCE_LABEL]) throw new Error(`${manifest.kind} ${name} carries no instance`)
      if (manifest.kind === 'Namespace' && !this.namespaces.has(name)) {
        this.created.push(manifest)
        this.namespaces.set(name, { name, uid: randomUUID(), sandboxId, createdAt: new Date(), terminatingSince: null })
      }
      const machine = labels[MACHINE_LABEL]
      if (manifest.kind === 'Pod' && machine && !this.pods.has(namespace)) {
        this.pods.set(namespace, { sandboxId, machine, ready: false, terminated: false, problem: null })
      }
    }
  }

  async deleteNamespace({ name, uid }: { name: string; uid?: string }): Promise<void> {
    const found = this.namespaces.get(name)
    if (!found || (uid && uid !== found.uid)) return
    this.deleted.push(name)
    this.namespaces.delete(name)
    this.pods.delete(name)
  }
}

/** A reconciler over that cluster, with a clock of its own. Each `settle` is a complete list, a tick, and its calls. */
export function testReconcile(cluster: FakeCluster, options: Partial<ReconcileOptions> = {}) {
  let offsetMs = 0
  const reconcile = new SandboxReconcile({
    cluster,
    exec: { open: async () => Promise.reject(new Error('no pod runs here')) },
    instance: 'i-test',
    holder: randomUUID(),
    images: () => ({ root: 'root:1', examiner: 'examiner:1', agent: 'agent:1' }),
    now: () => new Date(Date.now() + offsetMs),
    log: pino({ level: 'silent' }),
    wake: () => {},
    ...options,
  })
  return {
    reconcile,
    advance: (ms: number) => {
      offsetMs += ms
    },
    settle: async () => {
      reconcile.observed.sync([...cluster.pods.values()])
      const result = await reconcile.tick()
      await reconcile.idle()
      return result
    },
  }
}
