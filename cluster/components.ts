import { join } from 'node:path'
import { CONTAINERD_SOCKET, type NodeConfig } from './config.ts'
import { NODE_DATA } from './instance.ts'
import { POD_CIDR, SERVICE_CIDR } from './network.ts'

export type ComponentName =
  | 'etcd'
  | 'containerd'
  | 'kube-apiserver'
  | 'kube-controller-manager'
  | 'kube-scheduler'
  | 'kube-proxy'
  | 'kubelet'
  | 'device-plugin'
  | 'netpol'

export const COMPONENT_NAMES: ComponentName[] = [
  'etcd',
  'containerd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kube-proxy',
  'kubelet',
  'device-plugin',
  'netpol',
]

export const CTR = ['ctr', '--address', CONTAINERD_SOCKET, '--namespace', 'k8s.io']

const pki = (file: string) => `${NODE_DATA}/pki/${file}`
const conf = (file: string) => `${NODE_DATA}/conf/${file}`
const flags = (values: Record<string, string | number | boolean>) =>
  Object.entries(values).map(([name, value]) => `--${name}=${value}`)

/** Components of our own: programs of this folder, for Node. */
type OwnComponent = 'device-plugin' | 'netpol'
const own = (name: OwnComponent, ...args: string[]) => [
  process.execPath,
  join(import.meta.dirname, name, 'main.ts'),
  ...args,
]
const OWN: Record<OwnComponent, (node: NodeConfig) => string[]> = {
  'device-plugin': () => own('device-plugin'),
  netpol: (node) => own('netpol', `https://${node.nodeIp}:6443`, `${NODE_DATA}/pki`),
}

const isOwn = (name: ComponentName): name is OwnComponent => name in OWN

/** The command line of a component: an executable, of the bin folder or Node itself, and its arguments. */
export function componentCommand(name: ComponentName, node: NodeConfig): string[] {
  return isOwn(name) ? OWN[name](node) : [name, ...flags(componentFlags[name](node))]
}

const componentFlags: Record<
  Exclude<ComponentName, OwnComponent>,
  (node: NodeConfig) => Record<string, string | number | boolean>
> = {
  etcd: () => ({
    'data-dir': `${NODE_DATA}/etcd`,
    // No boot reads what the one before wrote, so nothing has to reach the disk before it counts: a learner who keeps the
    // disk busy would keep the API server waiting.
    'unsafe-no-fsync': true,
    'listen-client-urls': 'https://127.0.0.1:2379',
    'advertise-client-urls': 'https://127.0.0.1:2379',
    'listen-peer-urls': 'https://127.0.0.1:2380',
    'initial-advertise-peer-urls': 'https://127.0.0.1:2380',
    'initial-cluster': 'default=https://127.0.0.1:2380',
    'cert-file': pki('etcd.crt'),
    'key-file': pki('etcd.key'),
    'client-cert-auth': true,
    'trusted-ca-file': pki('etcd-ca.crt'),
    'peer-cert-file': pki('etcd.crt'),
    'peer-key-file': pki('etcd.key'),
    'peer-client-cert-auth': true,
    'peer-trusted-ca-file': pki('etcd-ca.crt'),
    'log-level': 'warn',
  }),
  containerd: () => ({ config: conf('containerd.toml'), 'log-level': 'info' }),
  'kube-apiserver': (node) => ({
    'advertise-address': node.nodeIp,
    'secure-port': 6443,
    'etcd-servers': 'https://127.0.0.1:2379',
    'etcd-cafile': pki('etcd-ca.crt'),
    'etcd-certfile': pki('apiserver-etcd-client.crt'),
    'etcd-keyfile': pki('apiserver-etcd-client.key'),
    'tls-cert-file': pki('apiserver.crt'),
    'tls-private-key-file': pki('apiserver.key'),
    'client-ca-file': pki('ca.crt'),
    'anonymous-auth': false,
    'authorization-mode': 'Node,RBAC',
    'enable-admission-plugins': 'NodeRestriction',
    'kubelet-client-certificate': pki('apiserver-kubelet-client.crt'),
    'kubelet-client-key': pki('apiserver-kubelet-client.key'),
    'kubelet-certificate-authority': pki('ca.crt'),
    // By name the node cannot be found: exec and logs would fail.
    'kubelet-preferred-address-types': 'InternalIP',
    'requestheader-client-ca-file': pki('front-proxy-ca.crt'),
    'requestheader-allowed-names': 'front-proxy-client',
    'requestheader-username-headers': 'X-Remote-User',
    'requestheader-group-headers': 'X-Remote-Group',
    'requestheader-extra-headers-prefix': 'X-Remote-Extra-',
    'proxy-client-cert-file': pki('front-proxy-client.crt'),
    'proxy-client-key-file': pki('front-proxy-client.key'),
    'service-cluster-ip-range': SERVICE_CIDR,
    'service-account-issuer': 'https://kubernetes.default.svc.cluster.local',
    'service-account-key-file': pki('sa.pub'),
    'service-account-signing-key-file': pki('sa.key'),
    'allow-privileged': true,
    profiling: false,
    'audit-policy-file': conf('audit-policy.json'),
    'audit-log-path': `${NODE_DATA}/logs/audit.log`,
    'audit-log-maxsize': 20,
    'audit-log-maxbackup': 2,
  }),
  'kube-controller-manager': () => ({
    kubeconfig: conf('controller-manager.kubeconfig'),
    'bind-address': '127.0.0.1',
    'leader-elect': false,
    'use-service-account-credentials': true,
    'service-account-private-key-file': pki('sa.key'),
    'root-ca-file': pki('ca.crt'),
    'cluster-signing-cert-file': pki('ca.crt'),
    'cluster-signing-key-file': pki('ca.key'),
    'cluster-cidr': POD_CIDR,
    'service-cluster-ip-range': SERVICE_CIDR,
    'flex-volume-plugin-dir': `${NODE_DATA}/kubelet/volumeplugins`,
    'kube-api-qps': 200,
    'kube-api-burst': 400,
    profiling: false,
  }),
  'kube-scheduler': () => ({
    kubeconfig: conf('scheduler.kubeconfig'),
    'bind-address': '127.0.0.1',
    'leader-elect': false,
    'kube-api-qps': 200,
    'kube-api-burst': 400,
    profiling: false,
  }),
  'kube-proxy': () => ({ config: conf('kube-proxy.json') }),
  kubelet: (node) => ({
    config: conf('kubelet.json'),
    kubeconfig: conf('kubelet.kubeconfig'),
    'hostname-override': node.nodeName,
    'node-ip': node.nodeIp,
    'root-dir': `${NODE_DATA}/kubelet`,
    'cert-dir': `${NODE_DATA}/kubelet/pki`,
  }),
}
