import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ApiClient, adminClient, ApiClient as Client } from './api-client.ts'
import { type Boot, startCluster, stopCluster } from './boot.ts'
import { buildComponents } from './build.ts'
import { CTR } from './components.ts'
import type { BuiltImage } from './contract.ts'
import { presentDevices, resourceName } from './device-plugin/devices.ts'
import { exec, waitFor } from './exec.ts'
import { parseImageList } from './images.ts'
import { instanceAt } from './instance.ts'
import { findLeftovers, isClean, type Leftovers } from './leftovers.ts'
import { scratchImage } from './scratch-image.ts'
import { nodeCommand, runningState } from './state.ts'

const NOTHING: Leftovers = { processes: [], mounts: [], interfaces: [], cgroups: [] }

let work: string
let binDir: string
let images: BuiltImage[]

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'drydock-cluster-'))
  binDir = await buildComponents()
  images = await Promise.all(
    [
      { name: 'pause', user: '65535:65535' },
      { name: 'coredns', user: '65532:65532' },
    ].map(({ name, user }) =>
      scratchImage({ name, user, binary: join(binDir, name), archive: join(work, `${name}.tar`) }),
    ),
  )
}, 1_200_000)

afterAll(() => rmSync(work, { recursive: true, force: true }))

const readMode = (file: string) => statSync(file).mode & 0o777

/** Runs a snippet of JavaScript in namespaces of the node or of a pod. */
const runJs = ([command = '', ...args]: string[], code: string) =>
  exec(command, [...args, process.execPath, '--input-type=module', '-e', code], { timeoutMs: 20_000 })

const connects = (host: string, port: number) =>
  `import { connect } from 'node:net'
   const socket = connect({ host: '${host}', port: ${port}, timeout: 1500 })
   const say = (word) => { console.log(word); process.exit() }
   socket.on('connect', () => say('open')).on('timeout', () => say('shut')).on('error', () => say('shut'))`

describe('a cluster of its own', () => {
  let dataDir: string
  let cluster: Boot
  let client: ApiClient
  let node: { pid: number; ip: string; hostIp: string }

  beforeAll(async () => {
    dataDir = join(work, 'one')
    cluster = await startCluster({ dataDir, binDir, images })
    const state = runningState(instanceAt(dataDir))
    if (!state) throw new Error('no state was written')
    node = { pid: state.node.pid, ip: state.link.nodeIp, hostIp: state.link.hostIp }
    client = adminClient(`https://${node.ip}:6443`, join(dataDir, 'pki'))
  }, 240_000)

  afterAll(async () => {
    client?.close()
    await cluster?.stop()
  })

  const inNode = () => nodeCommand({ node: { pid: node.pid, startTime: '' } }, [])

  test('an anonymous client is refused, on every path', async () => {
    const anonymous = new Client({
      server: `https://${node.ip}:6443`,
      ca: readFileSync(join(dataDir, 'pki', 'ca.crt'), 'utf8'),
    })
    for (const path of ['/version', '/readyz', '/api']) expect((await anonymous.get(path)).status, path).toBe(401)
    anonymous.close()
  })

  test('etcd refuses a client without a certificate', async () => {
    const code = `import { request } from 'node:https'
      request('https://127.0.0.1:2379/version', { rejectUnauthorized: false }, (response) => console.log(response.statusCode))
        .on('error', (error) => console.log(error.code)).end()`
    expect(await runJs(inNode(), code)).toMatch(/ALERT/)
  })

  test('keys and kubeconfig are for root alone', () => {
    for (const file of ['kubeconfig', 'pki/ca.key', 'pki/etcd-ca.key', 'pki/sa.key']) {
      expect(readMode(join(dataDir, file)), file).toBe(0o600)
    }
  })

  test('no image of ours is ever removed for want of room', async () => {
    const [command = '', ...args] = inNode()
    const table = await exec(command, [...args, join(binDir, CTR[0] ?? ''), ...CTR.slice(1), 'images', 'list'])
    const pinned = parseImageList(table).filter((image) => image.pinned)
    expect(pinned.map(({ ref }) => ref)).toEqual(expect.arrayContaining(images.map(({ ref }) => ref)))
  })

  test('runs a pod with user namespaces, from which names resolve and the machine is out of reach', async () => {
    const image = images.find(({ name }) => name === 'pause')?.ref ?? ''
    const volumeImage = images.find(({ name }) => name === 'coredns')?.ref ?? ''
    const spec = {
      hostUsers: false,
      shareProcessNamespace: true,
      terminationGracePeriodSeconds: 0,
      containers: [
        {
          name: 'main',
          image,
          imagePullPolicy: 'Never',
          securityContext: { procMount: 'Unmasked' },
          volumeMounts: [{ name: 'agent', mountPath: '/agent' }],
        },
      ],
      volumes: [{ name: 'agent', image: { reference: volumeImage, pullPolicy: 'Never' } }],
    }
    await client.apply({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'probe', namespace: 'default' },
      spec,
    } as never)
    const path = '/api/v1/namespaces/default/pods/probe'
    type Pod = {
      status: { conditions?: { type: string; status: string }[]; containerStatuses?: { containerID: string }[] }
    }
    const pod = await waitFor(
      'the pod',
      async () => {
        const found = await client.getJson<Pod>(path)
        return found?.status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True')
          ? found
          : null
      },
      { timeoutMs: 30_000 },
    )
    const containerId = pod.status.containerStatuses?.[0]?.containerID.replace('containerd://', '') ?? ''
    const tasks = await exec(inNode()[0] ?? '', [
      ...inNode().slice(1),
      join(binDir, CTR[0] ?? ''),
      ...CTR.slice(1),
      'tasks',
      'list',
    ])
    const podPid =
      tasks
        .split('\n')
        .find((line) => line.startsWith(containerId))
        ?.split(/\s+/)[1] ?? ''
    const inside = await exec(inNode()[0] ?? '', [
      ...inNode().slice(1),
      'cat',
      `/proc/${podPid}/uid_map`,
      `/proc/${podPid}/root/etc/resolv.conf`,
    ])
    expect(inside).toMatch(/^\s+0\s+[1-9]\d+\s+65536$/m)
    expect(inside).toContain('nameserver 10.96.0.10')
    await exec(inNode()[0] ?? '', [...inNode().slice(1), 'test', '-x', `/proc/${podPid}/root/agent/coredns`])

    const inPod = [...inNode(), 'nsenter', '--target', podPid, '--net', '--']
    const lookup = `import { Resolver } from 'node:dns/promises'
      const resolver = new Resolver({ timeout: 2000, tries: 2 })
      resolver.setServers(['10.96.0.10'])
      console.log(await resolver.resolve4('kubernetes.default.svc.cluster.local'))
      console.log(await resolver.resolve4('example.com').catch((error) => error.code))`
    expect(await runJs(inPod, lookup)).toMatch(/'10\.96\.0\.1'[\s\S]*ENOTFOUND/)

    expect(await runJs(inPod, connects('10.96.0.1', 443))).toBe('open\n')
    expect(await runJs(inPod, connects(node.ip, 10250))).toBe('shut\n')
    const server = createServer().listen(0, '0.0.0.0')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    expect(await runJs(inNode(), connects(node.hostIp, port)), 'the node itself reaches the host').toBe('open\n')
    expect(await runJs(inPod, connects(node.hostIp, port))).toBe('shut\n')
    server.close()
    const sysctls = await exec(inPod[0] ?? '', [...inPod.slice(1), 'cat', '/proc/sys/net/ipv6/conf/eth0/disable_ipv6'])
    expect(sysctls.trim()).toBe('1')
  }, 90_000)

  test('a component that crashes is started again', async () => {
    type Status = { name: string; pid: number | null; restarts: number }
    const scheduler = () =>
      (JSON.parse(readFileSync(join(dataDir, 'components.json'), 'utf8')) as Status[]).find(
        ({ name }) => name === 'kube-scheduler',
      )
    await exec(inNode()[0] ?? '', [...inNode().slice(1), 'kill', '-9', String(scheduler()?.pid)])
    await waitFor('the restart', () => scheduler()?.restarts === 1 && scheduler()?.pid, { timeoutMs: 10_000 })
  }, 20_000)

  test('devices are offered to pods, and again to a kubelet that was restarted', async () => {
    type Status = { name: string; pid: number | null; restarts: number }
    const status = (name: string) =>
      (JSON.parse(readFileSync(join(dataDir, 'components.json'), 'utf8')) as Status[]).find(
        (component) => component.name === name,
      )
    const offers = () =>
      readFileSync(join(dataDir, 'logs', 'device-plugin.log'), 'utf8').match(/offered to the kubelet/g)?.length
    type Node = { status: { allocatable: Record<string, string> } }
    const offered = async () => {
      const found = await client.getJson<Node>('/api/v1/nodes/node1')
      return presentDevices().every((device) => found?.status.allocatable[resourceName(device)] === '250')
    }
    await waitFor('the devices', async () => offers() === 1 && (await offered()), { timeoutMs: 30_000 })
    await exec(inNode()[0] ?? '', [...inNode().slice(1), 'kill', '-9', String(status('kubelet')?.pid)])
    await waitFor('them again', async () => offers() === 2 && (await offered()), { timeoutMs: 30_000 })
    expect(status('device-plugin')?.restarts).toBe(0)
  }, 70_000)

  test('a second start there is refused', async () => {
    await expect(startCluster({ dataDir, binDir, images })).rejects.toThrow(/already runs/)
  })

  test('stopping leaves nothing', async () => {
    expect(isClean(findLeftovers(dataDir))).toBe(false)
    await cluster.stop()
    expect(findLeftovers(dataDir)).toEqual(NOTHING)
  }, 60_000)
})

describe('when something is killed', () => {
  /** Starts a cluster from a process of its own, which writes a line for each step. */
  const launch = (dataDir: string): ChildProcess => {
    const options = JSON.stringify({ dataDir, binDir, images })
    const code = `import { startCluster } from ${JSON.stringify(new URL('./boot.ts', import.meta.url).href)}
      await startCluster({ ...${options}, onProgress: ({ step }) => console.log(step) })`
    return spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
  }
  const said = (child: ChildProcess, step: string) =>
    new Promise<void>((resolve, reject) => {
      child.stdout?.on('data', (text) => `${text}`.split('\n').includes(step) && resolve())
      child.once('exit', () => reject(new Error(`ended before "${step}"`)))
    })
  const gone = (dataDir: string) =>
    waitFor('the end of everything', () => isClean(findLeftovers(dataDir)), { timeoutMs: 15_000 })

  for (const step of ['ready', 'API server']) {
    test(`the launcher, at "${step}": nothing is left`, async () => {
      const dataDir = join(work, 'two')
      const child = launch(dataDir)
      await said(child, step)
      expect(findLeftovers(dataDir).processes).not.toEqual([])
      child.kill('SIGKILL')
      await gone(dataDir)
      expect(findLeftovers(dataDir)).toEqual(NOTHING)
    }, 240_000)
  }

  test('the guardian: processes end at once, and stopCluster removes the rest', async () => {
    const dataDir = join(work, 'three')
    const child = launch(dataDir)
    await said(child, 'ready')
    process.kill(runningState(instanceAt(dataDir))?.guardian.pid ?? 0, 'SIGKILL')
    await waitFor('the end of all processes', () => findLeftovers(dataDir).processes.length === 0, {
      timeoutMs: 15_000,
    })
    child.kill('SIGKILL')
    await stopCluster(dataDir)
    expect(findLeftovers(dataDir)).toEqual(NOTHING)
  }, 240_000)
})
