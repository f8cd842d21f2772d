import type { CgroupHierarchies } from './cgroups.ts'
import { NODE_DATA } from './instance.ts'
import { DNS_SERVICE_IP, NODE_POD_CIDR, POD_CIDR, REGISTRY_ADDRESS } from './network.ts'

/** What one boot of a node is made from. Paths below NODE_DATA are as seen inside the node. */
export type NodeConfig = {
  instanceId: string
  nodeName: string
  nodeIp: string
  binDir: string
  cgroup: string
  cgroupVersion: CgroupHierarchies['version']
  pauseRef: string
  apparmor: boolean
}

export const NODE_NAME = 'node1'
export const CONTAINERD_SOCKET = '/run/containerd/containerd.sock'
const PKI = `${NODE_DATA}/pki`

export function kubeconfig(server: string, ca: string, user: Record<string, string>): string {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'drydock', cluster: { server, 'certificate-authority-data': ca } }],
    users: [{ name: 'drydock', user }],
    contexts: [{ name: 'drydock', context: { cluster: 'drydock', user: 'drydock' } }],
    'current-context': 'drydock',
  }
  return `${JSON.stringify(config, null, 2)}\n`
}

/** A component's kubeconfig, naming the files of its own identity. */
function componentKubeconfig(name: string, nodeIp: string): string {
  const cluster = { server: `https://${nodeIp}:6443`, 'certificate-authority': `${PKI}/ca.crt` }
  const user = { 'client-certificate': `${PKI}/${name}.crt`, 'client-key': `${PKI}/${name}.key` }
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'drydock', cluster }],
    users: [{ name, user }],
    contexts: [{ name: 'drydock', context: { cluster: 'drydock', user: name } }],
    'current-context': 'drydock',
  })
}

export function containerdConfig(node: NodeConfig, options: { cri: boolean }): string {
  return `version = 4
root = '${NODE_DATA}/containerd'
state = '/run/containerd'
temp = '${NODE_DATA}/tmp'
imports = []
disabled_plugins = [${options.cri ? '' : `'io.containerd.grpc.v1.cri', `}'io.containerd.nri.v1.nri']
[plugins.'io.containerd.server.v1.grpc']
  address = '${CONTAINERD_SOCKET}'
[plugins.'io.containerd.internal.v1.opt']
  path = '/run/containerd/opt'
[plugins.'io.containerd.cri.v1.images'.pinned_images]
    sandbox = '${node.pauseRef}'
[plugins.'io.containerd.cri.v1.images'.registry]
  config_path = '${NODE_DATA}/conf/certs.d'
[plugins.'io.containerd.cri.v1.runtime']
  # Without CAP_SYS_RESOURCE no score may be lowered, and a pod that asks for it would not start.
  restrict_oom_score_adj = true
  disable_apparmor = ${!node.apparmor}
  enable_criu = false
  netns_mounts_under_state_dir = true
  # By default every shim is asked for its figures each second, for a kubelet with PodAndContainerStatsFromCRI; ours reads
  # the cgroups itself. With twenty sandboxes those bursts doubled the p95 of an echo (docs/decisions/0011).
  stats_collect_period = '1h'
  [plugins.'io.containerd.cri.v1.runtime'.cni]
    bin_dirs = ['${node.binDir}']
    conf_dir = '${NODE_DATA}/conf/net.d'
    use_internal_loopback = true
`
}

/**
 * What stands for Docker Hub (containerd, docs/hosts.md). No way leads to Docker Hub itself, so that a name that the
 * registry does not know is "not found" at once.
 */
function dockerHubConfig(): string {
  return `server = 'http://${REGISTRY_ADDRESS}'\ncapabilities = ['pull', 'resolve']\n`
}

/** ptp routes pod-to-pod traffic through the node, where forward rules see it; a bridge would switch it below them. */
export function cniConfig(): string {
  const ipam = {
    type: 'host-local',
    dataDir: '/run/cni/networks',
    ranges: [[{ subnet: NODE_POD_CIDR }]],
    routes: [{ dst: '0.0.0.0/0' }],
  }
  const sysctl = { 'net.ipv6.conf.all.disable_ipv6': '1', 'net.ipv6.conf.default.disable_ipv6': '1' }
  const plugins = [
    { type: 'ptp', ipMasq: false, ipam },
    { type: 'tuning', dataDir: '/run/cni/tuning', sysctl },
  ]
  return JSON.stringify({ cniVersion: '1.0.0', name: 'pods', plugins })
}

export function kubeletConfig(node: NodeConfig): string {
  return JSON.stringify({
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    authentication: {
      anonymous: { enabled: false },
      x509: { clientCAFile: `${PKI}/ca.crt` },
      webhook: { enabled: true },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: `${PKI}/kubelet-server.crt`,
    tlsPrivateKeyFile: `${PKI}/kubelet-server.key`,
    containerRuntimeEndpoint: `unix://${CONTAINERD_SOCKET}`,
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${node.cgroup}`,
    failCgroupV1: false,
    failSwapOn: false,
    clusterDNS: [DNS_SERVICE_IP],
    clusterDomain: 'cluster.local',
    resolvConf: `${NODE_DATA}/conf/resolv.conf`,
    podLogsDir: '/var/log/pods',
    volumePluginDir: `${NODE_DATA}/kubelet/volumeplugins`,
    makeIPTablesUtilChains: false,
    maxPods: 250,
    podPidsLimit: 512,
    seccompDefault: true,
    // A container with a limit of one processor may use several at once, until its share of this time is used up. In the
    // default, 100 ms, that is long enough for a neighbour to feel, and for its own terminal to stand still.
    cpuCFSQuotaPeriod: '10ms',
    serializeImagePulls: false,
    maxParallelImagePulls: 5,
    // Between two looks a log grows as fast as a container can write: a gigabyte in the ten seconds that are the default.
    containerLogMonitorInterval: '3s',
    containerLogMaxFiles: 3,
    // Machine images come from archives and no registry could bring one back: each is pinned (images.ts), and age removes none.
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    // A sandbox's bytes are bounded, its inodes cannot be: who has most of them ends before the disk has none left.
    evictionHard: { 'memory.available': '200Mi', 'nodefs.available': '1Gi', 'nodefs.inodesFree': '5%' },
    systemReserved: { memory: '1Gi' },
    oomScoreAdj: 0,
    syncFrequency: '10s',
    nodeStatusUpdateFrequency: '5s',
    kubeAPIQPS: 200,
    kubeAPIBurst: 400,
    eventRecordQPS: 100,
    eventBurst: 200,
  })
}

function kubeProxyConfig(node: NodeConfig): string {
  return JSON.stringify({
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'nftables',
    clientConnection: { kubeconfig: `${NODE_DATA}/conf/kube-proxy.kubeconfig` },
    clusterCIDR: POD_CIDR,
    hostnameOverride: node.nodeName,
    healthzBindAddress: '127.0.0.1:10256',
    metricsBindAddress: '127.0.0.1:10249',
    oomScoreAdj: 0,
    // The conntrack table's size is the host's alone to set.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
    nftables: { minSyncPeriod: '100ms', syncPeriod: '30s' },
  })
}

/** Who did what and when, never the bodies: enough to count calls, and no secret is written down. */
export function auditPolicy(): string {
  return JSON.stringify({
    apiVersion: 'audit.k8s.io/v1',
    kind: 'Policy',
    omitStages: ['RequestReceived'],
    rules: [{ level: 'Metadata' }],
  })
}

/** Every configuration file of the node, by path below its `conf` folder. */
export function configFiles(node: NodeConfig): Record<string, string> {
  return {
    'containerd.toml': containerdConfig(node, { cri: true }),
    'containerd-clean.toml': containerdConfig(node, { cri: false }),
    'certs.d/docker.io/hosts.toml': dockerHubConfig(),
    'net.d/10-pods.conflist': cniConfig(),
    'kubelet.json': kubeletConfig(node),
    'kube-proxy.json': kubeProxyConfig(node),
    'audit-policy.json': auditPolicy(),
    'resolv.conf': `nameserver ${DNS_SERVICE_IP}\n`,
    ...Object.fromEntries(
      ['controller-manager', 'scheduler', 'kube-proxy', 'kubelet'].map((name) => [
        `${name}.kubeconfig`,
        componentKubeconfig(name, node.nodeIp),
      ]),
    ),
  }
}
