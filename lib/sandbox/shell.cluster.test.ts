import { randomUUID } from 'node:crypto'
import { afterAll, expect, it, onTestFailed, vi } from 'vitest'
import { env } from '#lib/env.ts'
import { createCluster } from '#lib/k8s/cluster.ts'
import { createExec } from '#lib/k8s/exec.ts'
import { KubeConfigSource } from '#lib/k8s/kube-config.ts'
import { labSchema } from '#lib/labs/schema.ts'
import { imageRefs } from '#lib/sandbox/image-refs.ts'
import { sandboxManifests } from '#lib/sandbox/manifests.ts'
import { namespacesOf } from '#lib/sandbox/names.ts'
import { openTestTerminal } from '#lib/terminal/testing.ts'

const source = new KubeConfigSource(env().KUBECONFIG)
const sandboxId = randomUUID()
const instance = `shell-${sandboxId.slice(0, 8)}`
const cluster = createCluster({ source, instance })
const { sys } = namespacesOf(sandboxId)
const lab = labSchema.parse({
  machines: [{ name: 'box', profile: 'shell' }],
  tasks: [{ id: 'one', title: 'The first', check: { run: 'checks/one.sh' } }],
})

afterAll(() => cluster.deleteNamespace({ name: sys }))

it('gives a shell without any capability, which sees the examiner and cannot touch it', async () => {
  await cluster.create(sandboxManifests({ sandboxId, instance, lab, images: imageRefs() }))
  const open = () => openTestTerminal(createExec(source), sys)
  const terminal = await vi.waitFor(open, { timeout: 60_000, interval: 100 })
  onTestFailed(() => void process.stderr.write(terminal.output()))
  const run = async (line: string, says: RegExp) => {
    const from = terminal.output().length
    terminal.type(`${line}; echo "<$?>"`)
    const fresh = () => terminal.output().slice(from)
    await vi.waitFor(() => expect(fresh()).toMatch(/<\d+>/), { timeout: 30_000, interval: 50 })
    expect(fresh()).toMatch(says)
  }
  await run('id -u', /\r1000\r/)
  await run(
    'grep -E "Cap(Prm|Eff|Bnd)|NoNewPrivs|Seccomp:" /proc/self/status | tr -s "\\t\\n" " "',
    /CapPrm: 0{16} CapEff: 0{16} CapBnd: 0{16} NoNewPrivs: 1 Seccomp: 2/,
  )
  await run('cat /proc/self/uid_map', /\s0\s+[1-9]\d*\s+65536/)
  await run('ls /var/run/secrets', /No such file/)
  await run('examiner=$(pgrep -f "^/.drydock/agent idle"); [ -n "$examiner" ]', /<0>/)
  for (const touch of ['kill -9 $examiner', 'kill -STOP $examiner', 'prlimit --nofile=1 --pid $examiner']) {
    await run(touch, /not permitted|Permission denied/)
  }
  for (const file of ['environ', 'root', 'fd', 'mem']) {
    await run(`ls /proc/$examiner/${file}/ || cat /proc/$examiner/${file}`, /Permission denied/)
  }
  await run('unshare --user true', /not permitted/)
  // What is their own they may signal: the attempts above fail for what the examiner is.
  await run('sleep 60 & prlimit --nofile=9 --pid $!; kill -9 $!', /<0>/)
  terminal.close()
})
