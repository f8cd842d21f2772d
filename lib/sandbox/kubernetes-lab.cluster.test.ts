import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it, onTestFailed, vi } from 'vitest'
import { ScriptChecks } from '#lib/checks/script-checks.ts'
import { db } from '#lib/db/client.ts'
import { env } from '#lib/env.ts'
import { createCluster } from '#lib/k8s/cluster.ts'
import { createExec } from '#lib/k8s/exec.ts'
import { KubeConfigSource } from '#lib/k8s/kube-config.ts'
import { labDigest } from '#lib/labs/digest.ts'
import { labSchema } from '#lib/labs/schema.ts'
import { logger } from '#lib/obs/logger.ts'
import { endSandbox } from '#lib/sandbox/end-sandbox.ts'
import { imageRefs } from '#lib/sandbox/image-refs.ts'
import { namespacesOf } from '#lib/sandbox/names.ts'
import { SandboxReconcile } from '#lib/sandbox/reconcile-sandboxes.ts'
import { resetSandbox } from '#lib/sandbox/reset-sandbox.ts'
import { type LoadLab, startSandbox } from '#lib/sandbox/start-sandbox.ts'
import type { SandboxState } from '#lib/sandbox/states.ts'
import { asker } from '#lib/sandbox/test-api.ts'
import { ownUser } from '#lib/sandbox/testing.ts'
import { openTestTerminal } from '#lib/terminal/testing.ts'

/** A Kubernetes lab from its start to its end, on a real cluster, with what a learner types in a real terminal. */
const source = new KubeConfigSource(env().KUBECONFIG)
const instance = `lab-${randomUUID().slice(0, 8)}`
const cluster = createCluster({ source, instance })
const exec = createExec(source)
const reconcile = new SandboxReconcile({
  cluster,
  exec,
  instance,
  holder: instance,
  images: imageRefs,
  now: () => new Date(),
  log: logger(),
  wake: () => {},
})
const { observed } = reconcile

let watch: { stop: () => void }
let ticking: Promise<void>
const stopping = new AbortController()

beforeAll(() => {
  watch = cluster.watchPods({
    onSync: (all) => observed.sync(all),
    onChange: (status) => observed.change(status),
    onGone: (sandboxId, machine) => observed.gone(sandboxId, machine),
    onDown: () => observed.lost(),
  })
  ticking = (async () => {
    while (!stopping.signal.aborted) {
      await reconcile.tick()
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  })()
})
afterAll(async () => {
  stopping.abort()
  await ticking
  watch.stop()
  await reconcile.stop()
  for (const namespace of await cluster.listNamespaces()) await cluster.deleteNamespace(namespace)
})

const definition = {
  lab: labSchema.parse({
    machines: [{ name: 'workstation', profile: 'kubernetes' }],
    files: [
      { from: 'web.yaml', to: 'workstation:/home/learner/given/web.yaml' },
      { from: 'web.yaml', to: 'workstation:/srv/web.yaml' },
    ],
    init: [{ id: 'who', title: 'Who', run: 'init/who.sh' }],
    tasks: [
      { http: { service: 'web', port: 80, body: { matches: 'Welcome to [n]ginx' } } },
      { http: { service: 'web', port: 80, path: '/none', header: { Host: 'shop.example' } } },
      { http: { service: 'none', port: 80 } },
      { tcp: { service: 'web', port: 80 } },
      { tcp: { service: 'web', port: 80, open: false } },
      { dns: { name: 'web', count: 1 } },
      { dns: { name: 'web', includes: ['10.0.0.300'] } },
      { dns: { name: 'none' } },
      { run: 'checks/given.sh' },
    ].map((check, index) => ({ id: `task-${index}`, title: 'Seen', check })),
  }),
  scripts: {
    'init/who.sh': 'id -u >/tmp/who',
    // No namespaces of its own keep this learner: the examiner looks into the container.
    'checks/given.sh': 'pass "$(in-root /tmp/who) $(procs | grep -c bash)"',
  },
  files: { 'web.yaml': { base64: 'a2luZDogU2VydmljZQ==', mode: '0644' as const } },
}
/** What the examiner sees of the learner's namespace, and of a machine whose learner is not root. */
const SEEN = [
  ['pass', 'port 80 of web answers with status 200'],
  ['not-yet', 'port 80 of web answers with status 404'],
  ['not-yet', 'there is no Service none'],
  ['pass', 'port 80 of web takes connections'],
  ['not-yet', 'port 80 of web takes connections'],
  ['pass', expect.stringMatching(/^web gives \d/)],
  ['not-yet', expect.stringMatching(/^web gives \d/)],
  ['not-yet', 'there is no name none'],
  ['pass', '1000 1'],
]
const loadLab: LoadLab = async (labId) => ({ definition, digest: labDigest(labId, definition) })

const reaches = (id: string, state: SandboxState) =>
  expect
    .poll(async () => (await db().sandbox.findUniqueOrThrow({ where: { id } })).state, { timeout: 60_000 })
    .toBe(state)

/** Types a line, and waits for what comes after it. */
async function shell(sandboxId: string) {
  const terminal = await openTestTerminal(exec, namespacesOf(sandboxId).sys, 'main', 'workstation')
  onTestFailed(() => void process.stderr.write(terminal.output()))
  return {
    close: terminal.close,
    run: async (line: string, says: RegExp) => {
      const from = terminal.output().length
      // Told apart from the echo of what was typed.
      terminal.type(`${line}; echo "<$?>"`)
      const fresh = () => terminal.output().slice(from)
      await vi.waitFor(() => expect(fresh()).toMatch(/<\d+>/), { timeout: 60_000, interval: 50 })
      expect(fresh()).toMatch(says)
    },
  }
}

it('starts, works, survives a learner who deletes everything, is reset, and leaves nothing', {
  timeout: 180_000,
}, async () => {
  await using user = await ownUser()
  const { userId } = user
  const { id } = await startSandbox({ userId, labId: `challenges/test-${randomUUID()}`, loadLab })
  await reaches(id, 'ready')
  const { learner } = namespacesOf(id)
  const terminal = await shell(id)
  await terminal.run('kubectl get pods', /No resources found in dd-[0-9a-f]{20} namespace/)
  await terminal.run('k create deployment web --image=nginx --replicas=2', /created/)
  await terminal.run('k expose deployment web --port=80', /exposed/)
  await terminal.run('k rollout status deployment web', /successfully rolled out/)
  await terminal.run('curl -sS --retry 5 --retry-connrefused http://web', /Welcome to nginx/)
  const scripts = new ScriptChecks({ sandboxId: id, definition, vars: {}, exec, log: logger() })
  const round = { needs: {}, answers: new Map() }
  const seen = await Promise.all(definition.lab.tasks.map((task) => scripts.run(task, round)))
  scripts.close()
  expect(seen.map(({ verdict, evidence }) => [verdict, evidence])).toEqual(SEEN)
  await terminal.run("stat -c '%U %a' given given/web.yaml /srv/web.yaml", /learner 755\s+learner 644\s+root 644/)
  await terminal.run('k exec deploy/web -- head -1 /proc/self/uid_map', /\s0\s+[1-9]\d*\s+65536/)
  await terminal.run('k run box --image=busybox -- sleep 600', /created/)
  await terminal.run('k wait --for=condition=Ready pod/box', /condition met/)
  await terminal.run('k exec box -- wget -qO- http://web', /Welcome to nginx/)
  await terminal.run('k debug box --image=debian -- cat /etc/debian_version', /Defaulting debug container/)
  await terminal.run('complete -p k', /__start_kubectl k/)

  const ask = await asker(await source.current())
  const pods = JSON.parse((await ask('GET', `/api/v1/namespaces/${learner}/pods`)).body).items
  expect(pods).toHaveLength(3)
  for (const { spec, status } of pods) {
    expect(spec.hostUsers).toBe(false)
    expect(status.phase).toBe('Running')
  }

  const kinds = 'all,cm,secrets,sa,pvc,ingress,rolebindings,roles'
  await terminal.run(`k delete --now --all --wait=false ${kinds}`, /rolebinding.* "learner" deleted[\s\S]*Forbidden/)
  await terminal.run('echo still $((40 + 2))', /still 42/)
  await terminal.run('kubectl get pods', /Forbidden/)
  terminal.close()
  const { id: fresh } = await resetSandbox({ userId, sandboxId: id, loadLab })
  await reaches(fresh, 'ready')
  await reaches(id, 'ended')
  const anew = await shell(fresh)
  await anew.run('kubectl get pods', /No resources found/)
  anew.close()

  expect((await cluster.listNamespaces()).map(({ sandboxId }) => sandboxId)).toEqual([fresh, fresh])
  await endSandbox({ userId, sandboxId: fresh })
  await reaches(fresh, 'ended')
  expect(await cluster.listNamespaces()).toEqual([])
})
