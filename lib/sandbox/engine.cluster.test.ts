import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'
import { ExaminerStream } from '#lib/checks/examiner-stream.ts'
import { env } from '#lib/env.ts'
import { createCluster } from '#lib/k8s/cluster.ts'
import { createExec } from '#lib/k8s/exec.ts'
import { KubeConfigSource } from '#lib/k8s/kube-config.ts'
import { labSchema } from '#lib/labs/schema.ts'
import { admissionManifests } from '#lib/sandbox/admission.ts'
import { imageRefs } from '#lib/sandbox/image-refs.ts'
import { labRegistries } from '#lib/sandbox/lab-images.ts'
import { sandboxManifests } from '#lib/sandbox/manifests.ts'
import { namespacesOf } from '#lib/sandbox/names.ts'
import { asker } from '#lib/sandbox/test-api.ts'
import { openTestTerminal } from '#lib/terminal/testing.ts'

/** What a learner types into a machine of profile `engine`, with no set-up command, and what must not help them there. */
const source = new KubeConfigSource(env().KUBECONFIG)
const exec = createExec(source)
const sandboxId = randomUUID()
const instance = `engine-${sandboxId.slice(0, 8)}`
const cluster = createCluster({ source, instance })
const { sys } = namespacesOf(sandboxId)
const lab = labSchema.parse({
  machines: [
    { name: 'box', profile: 'engine' },
    { name: 'brought', profile: 'shell', image: 'busybox:1.37' },
  ],
  tasks: [{ id: 'one', title: 'The first', on: 'box', check: { run: 'checks/one.sh' } }],
})
const manifests = sandboxManifests({
  sandboxId,
  instance,
  lab,
  images: imageRefs(),
  registry: env().DRYDOCK_REGISTRY,
  devices: env().DRYDOCK_DEVICES,
})
let terminal: Awaited<ReturnType<typeof openTestTerminal>>

beforeAll(async () => {
  await cluster.apply(admissionManifests(imageRefs(), labRegistries(env())))
  // Another test's policies may still be in force for a moment.
  await vi.waitFor(() => cluster.create(manifests), { timeout: 30_000, interval: 500 })
  terminal = await vi.waitFor(() => openTestTerminal(exec, sys), { timeout: 60_000, interval: 100 })
})
afterEach(({ task }) => {
  if (task.result?.state === 'fail') process.stderr.write(terminal.output().slice(-5000))
})
afterAll(async () => {
  terminal?.close()
  await cluster.deleteNamespace({ name: sys })
})

/** Types a line; resolves with what it printed once it has ended well. */
async function run(line: string): Promise<string> {
  const from = terminal.output().length
  terminal.type(`${line}; echo "<$?>"`)
  const fresh = () => terminal.output().slice(from)
  await vi.waitFor(() => expect(fresh()).toMatch(/<\d+>/), { timeout: 60_000, interval: 50 })
  expect(fresh()).toContain('<0>')
  return fresh()
}

it('Docker runs, publishes, tells and builds', async () => {
  await run('docker run --detach --publish 8080:80 --name web nginx')
  expect(await run('curl --silent --retry 20 --retry-connrefused localhost:8080')).toContain('Welcome to nginx!')
  expect(await run('docker exec web nginx -v')).toContain('nginx version')
  expect(await run('docker logs web')).toContain('GET / HTTP')
  expect(await run('docker top web')).toContain('nginx: worker process')
  expect(await run('docker info --format "it is {{.Driver}}"')).toContain('it is overlay2')
  expect(await run('iptables-save -t nat')).toMatch(/--dport 8080 .*DNAT --to-destination 172.17.0.2:80/)
  await run(
    `printf 'FROM busybox\\nRUN echo built > /made\\nCMD cat /made /etc/hostname\\n' | docker build --tag mine -`,
  )
  expect(await run('docker run --rm --hostname inside mine')).toMatch(/built\r\ninside/)
})

it('comes back when it is killed, and starts again what is to be restarted', async () => {
  await run('docker run --detach --restart always --name again busybox sleep 1000')
  await run('pkill -KILL dockerd; docker ps >/dev/null')
  await run('until docker ps | grep again; do sleep 0.1; done')
  await run('docker rm --force again')
})

it('Podman, ctr, runc and crun run', async () => {
  expect(await run('podman run --rm busybox echo "$((6*7)) by podman"')).toContain('42 by podman')
  await run('podman run --detach --publish 8081:80 nginx')
  expect(await run('curl --silent --retry 20 --retry-connrefused localhost:8081')).toContain('Welcome to nginx!')
  await run('ctr image pull docker.io/library/busybox:latest >/dev/null')
  const ctr = 'ctr run --rm docker.io/library/busybox:latest one echo "$((6*7)) by ctr"'
  expect(await run(ctr)).toContain('42 by ctr')
  await run('mkdir -p bundle/rootfs; cd bundle; docker export "$(docker create busybox)" | tar -C rootfs -x')
  await run(`runc spec; jq '.process.terminal=false | .process.args=["hostname"]' config.json >new; mv new config.json`)
  for (const runtime of ['runc', 'crun'])
    expect(await run(`${runtime} run two`)).toMatch(/\r(runc|crun|umoci-default)\r/)
  await run('cd')
})

it.runIf(env().DRYDOCK_DEVICES.includes('tun'))('Podman runs for a user who is not root, network and all', async () => {
  await run('su - learner -c "podman run --detach --publish 9090:80 nginx"')
  expect(await run('curl --silent --retry 20 --retry-connrefused localhost:9090')).toContain('Welcome to nginx!')
})

it('shows the examiner what runs in containers, and is judged as every machine', async () => {
  const examiner = await ExaminerStream.open(exec, { namespace: sys, pod: 'box' })
  const script = `pid=$(procs | jq -rs 'map(select(.cmdline | startswith("nginx: master"))) | first | .pid')
    listening=$(in-net "pid:$pid" -- ss -Hltn 'sport = :80')
    [[ $listening ]] || not_yet "nobody listens in the container"
    in-root /etc/docker/daemon.json | jq -e '."storage-driver" == "overlay2"' >/dev/null || not_yet "another driver"
    pass "a web server listens in a container"`
  const { verdict, evidence, detail } = await examiner.run({ script, env: {}, args: [], timeoutMs: 10_000 })
  expect({ verdict, evidence, detail }).toMatchObject({ verdict: 'pass' })
  examiner.close()
})

it('gives its root, and containers of every kind, nothing of ours or the node’s', async () => {
  expect(await run('ps -A -o args')).not.toMatch(/drydock\/agent|\bidle\b/)
  expect(await run('docker run --rm --pid host --volume /:/host busybox ps')).not.toMatch(/drydock\/agent|\bidle\b/)
  expect(
    await run('docker run --rm --volume /:/host busybox sh -c "ls -A /host/.drydock* | grep -v : | wc -w"'),
  ).toContain('\r0\r')
  expect(await run('grep CapBnd /proc/self/status')).not.toMatch(/CapBnd:\s[0-9a-f]*[^0-7][0-9a-f]{4}\r/)
  const enter = 'docker run --rm --privileged --pid host busybox nsenter -t 1 -m true || echo "that is" not to be'
  expect(await run(enter)).toMatch(/Permission denied\s+that is not to be/)
  const devices = await run(`find /dev -type b -o -type c -printf '%f '`)
  expect(devices).not.toMatch(/\b(kvm|mem|kmsg|loop\d|vd[a-z]|sd[a-z]|dm-)/)
  expect(await run('mknod /dev/sda b 8 0 || mknod /tmp/mem c 1 1 || echo refused')).toContain('refused')
  const keyctl = `perl -e '$! = 0; syscall(qx(uname -m) =~ /x86/ ? 250 : 219, 0, -3, 0); print "errno ", $! + 0, "\\n"'`
  expect(await run(keyctl)).toContain('errno 38')
})

it('has an author’s image beside it, of which the agent needs nothing but a shell', async () => {
  const brought = await vi.waitFor(() => openTestTerminal(exec, sys, 'main', 'brought'), { timeout: 60_000 })
  brought.type('id -u; hostname; ls -la /bin/ls')
  await vi.waitFor(() => expect(brought.output()).toMatch(/1000\s+brought\s.* busybox/s), { timeout: 30_000 })
  brought.close()
})

it('may have its system call filter in its own container alone', async () => {
  const ask = await asker(await source.current())
  type Container = { name: string; securityContext: object; image: string }
  const pod = manifests.find(({ kind }) => kind === 'Pod') as unknown as {
    metadata: { labels: object }
    spec: { containers: Container[] }
  }
  const localhost = (localhostProfile: string) => ({ seccompProfile: { type: 'Localhost', localhostProfile } })
  const create = async (profile: string, changed: string, changes: (one: Container) => object) => {
    const labels = { ...pod.metadata.labels, 'drydock.dev/profile': profile }
    const containers = pod.spec.containers.map((one) => (one.name === changed ? { ...one, ...changes(one) } : one))
    const body = { ...pod, metadata: { name: 'other', labels }, spec: { ...pod.spec, containers } }
    return ask('POST', `/api/v1/namespaces/${sys}/pods?dryRun=All`, { body })
  }
  const filter = (file: string) => (one: Container) => ({
    securityContext: { ...one.securityContext, ...localhost(file) },
  })
  const mine = 'drydock-engine.json'
  // The control: refused by the quota alone, which comes last.
  expect((await create('engine', 'machine', filter(mine))).body).toContain('exceeded quota')
  for (const [profile, container, file] of [
    ['root', 'machine', mine],
    ['engine', 'machine', 'other.json'],
    ['engine', 'examiner', mine],
  ] as const) {
    expect((await create(profile, container, filter(file))).body).toContain('System calls are filtered')
  }
  expect((await create('engine', 'machine', () => ({ image: 'somebody.example/box:1' }))).body).toContain(
    'allowed ones',
  )
})
