import { expect, test } from 'vitest'
import { COMPONENT_NAMES, componentCommand } from './components.ts'
import { auditPolicy, cniConfig, configFiles, containerdConfig, kubeletConfig, type NodeConfig } from './config.ts'

const node: NodeConfig = {
  instanceId: '0123456789ab',
  nodeName: 'node1',
  nodeIp: '10.231.7.2',
  binDir: '/cache/bin',
  cgroup: 'drydock-0123456789ab',
  cgroupVersion: 1,
  pauseRef: 'drydock.local/pause:1',
  apparmor: false,
}

test('the kubelet keeps its pods in the instance’s cgroup and never removes an image', () => {
  expect(JSON.parse(kubeletConfig(node))).toMatchObject({
    cgroupRoot: '/drydock-0123456789ab',
    failCgroupV1: false,
    maxPods: 250,
    podPidsLimit: 512,
    seccompDefault: true,
    serializeImagePulls: false,
    imageGCHighThresholdPercent: 100,
    authentication: { anonymous: { enabled: false } },
    evictionHard: { 'memory.available': '200Mi', 'nodefs.available': '1Gi', 'nodefs.inodesFree': '5%' },
  })
})

test('containerd: AppArmor only where the machine has it, CRI off only for cleaning', () => {
  expect(containerdConfig(node, { cri: true })).toContain('disable_apparmor = true')
  expect(containerdConfig({ ...node, apparmor: true }, { cri: true })).toContain('disable_apparmor = false')
  expect(containerdConfig(node, { cri: true })).not.toContain('grpc.v1.cri')
  expect(containerdConfig(node, { cri: false })).toContain("'io.containerd.grpc.v1.cri'")
  expect(containerdConfig(node, { cri: true })).toContain("sandbox = 'drydock.local/pause:1'")
})

test('Docker Hub’s names lead to the cluster’s own registry, and nowhere else', () => {
  expect(containerdConfig(node, { cri: true })).toContain("config_path = '/run/drydock/conf/certs.d'")
  expect(configFiles(node)['certs.d/docker.io/hosts.toml']).toContain("server = 'http://10.96.0.11:5000'")
})

test('pods are routed by ptp, without IPv6', () => {
  const { plugins } = JSON.parse(cniConfig())
  expect(plugins.map(({ type }: { type: string }) => type)).toEqual(['ptp', 'tuning'])
  expect(plugins[1].sysctl).toHaveProperty(['net.ipv6.conf.all.disable_ipv6'], '1')
})

test('the audit log never holds bodies', () => {
  expect(JSON.parse(auditPolicy()).rules).toEqual([{ level: 'Metadata' }])
})

test('API server and etcd let nobody in without a certificate', () => {
  expect(componentCommand('kube-apiserver', node)).toEqual(
    expect.arrayContaining([
      '--anonymous-auth=false',
      '--authorization-mode=Node,RBAC',
      '--kubelet-preferred-address-types=InternalIP',
    ]),
  )
  expect(componentCommand('etcd', node)).toEqual(
    expect.arrayContaining(['--client-cert-auth=true', '--peer-client-cert-auth=true']),
  )
})

test('etcd waits for no disk', () => {
  expect(componentCommand('etcd', node)).toContain('--unsafe-no-fsync=true')
})

test('every file a component names in the conf folder is written', () => {
  const written = Object.keys(configFiles(node))
  const named = COMPONENT_NAMES.flatMap((name) => componentCommand(name, node))
    .map((argument) => /=\/run\/drydock\/conf\/(.+)$/.exec(argument)?.[1])
    .filter((file) => file !== undefined)
  expect(named.length).toBeGreaterThan(5)
  expect(written).toEqual(expect.arrayContaining(named))
})
