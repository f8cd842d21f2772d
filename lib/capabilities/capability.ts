/**
 * What a cluster may or may not offer, by name, in the order in which people read of it. For operators: what works where
 * it is missing, and how to get it. For learners: what a lab needs it for.
 */
type Description = {
  title: string
  /** Ends the sentence "This lab is not available here: …". */
  lacking: string
  without: string
  get: string
}

export const CAPABILITIES = {
  version: {
    title: 'Kubernetes 1.33 or newer',
    lacking: 'the cluster behind this platform is too old',
    without: 'no lab: user namespaces and image volumes are off in older versions',
    get: 'upgrade the cluster',
  },
  'user-namespaces': {
    title: 'user namespaces',
    lacking: 'its machines need user namespaces, which the cluster behind this platform does not have',
    without: 'no lab: root on a machine would be root on the node',
    get: 'Kubernetes 1.33, containerd 2.0 or CRI-O 1.25, runc 1.2 and Linux 6.3 on the nodes',
  },
  'image-volumes': {
    title: 'image volumes',
    lacking: 'its machines need image volumes, which the cluster behind this platform does not have',
    without: 'no lab: the agent comes into machines as an image volume',
    get: 'Kubernetes 1.35, or the feature gate ImageVolume from 1.33; containerd 2.1 or CRI-O 1.31',
  },
  'network-policy': {
    title: 'NetworkPolicy enforced',
    lacking: 'the cluster behind this platform does not keep the machines of different people apart',
    without:
      'no lab, as machines could reach each other and whatever pods reach; ACCEPT_MISSING=network-policy accepts that',
    get: 'a network plugin that enforces NetworkPolicy in both directions: Calico, Cilium, kube-router …',
  },
  'validating-policies': {
    title: 'ValidatingAdmissionPolicy v1',
    lacking: 'the cluster behind this platform cannot be told what its machines may not do',
    without: 'no lab, as nothing pins what machine pods may be; ACCEPT_MISSING=validating-policies accepts that',
    get: 'Kubernetes 1.30',
  },
  'mutating-policies': {
    title: 'MutatingAdmissionPolicy v1',
    lacking: 'Kubernetes labs need a newer cluster than the one behind this platform',
    without: 'all but Kubernetes labs: learners’ own pods would not get a user namespace',
    get: 'Kubernetes 1.36',
  },
  'pod-security': {
    title: 'Pod Security admission',
    lacking: 'the cluster behind this platform does not refuse dangerous pods',
    without: 'no lab, as learners could make privileged pods; ACCEPT_MISSING=pod-security accepts that',
    get: 'the admission plugin PodSecurity, on by default since Kubernetes 1.23',
  },
  'engine-seccomp': {
    title: 'seccomp profile of `engine`',
    lacking: 'labs with Docker or Podman need a system call filter that the nodes behind this platform do not have',
    without: 'all but labs of the profile engine',
    get: 'copy the profile below seccomp/ of the kubelet’s folder on every node',
  },
  exec: {
    title: 'exec over WebSocket',
    lacking: 'terminals cannot be opened on the cluster behind this platform',
    without: 'no lab: terminals and checks are execs',
    get: 'Kubernetes 1.30; proxies in front of the API server must let WebSockets through',
  },
  'exec-v5': {
    title: 'exec protocol v5',
    lacking: '',
    without: 'everything; ends of input are told by closing the connection',
    get: 'Kubernetes 1.30',
  },
  room: {
    title: 'room for machines',
    lacking: '',
    without: 'starts wait in the queue until somebody ends a lab',
    get: 'more or larger nodes, fewer other pods on them',
  },
  'runtime-classes': {
    title: 'RuntimeClasses',
    lacking: '',
    without: 'everything; machines run with the node’s own runtime',
    get: 'gVisor or Kata Containers with a RuntimeClass, for a second wall around machines',
  },
  storage: {
    title: 'default StorageClass',
    lacking: '',
    without: 'everything but lessons on volumes: a learner’s PersistentVolumeClaim stays pending',
    get: 'a provisioner and a StorageClass marked as default',
  },
  metrics: {
    title: 'metrics API',
    lacking: '',
    without: 'everything but kubectl top and autoscaling',
    get: 'metrics-server',
  },
  'device-tun': {
    title: 'device /dev/net/tun',
    lacking: '',
    without: 'everything but tunnels and rootless container networks',
    get: 'a device plugin that offers drydock.dev/tun',
  },
  'device-fuse': {
    title: 'device /dev/fuse',
    lacking: '',
    without: 'everything but FUSE file systems; overlays work',
    get: 'a device plugin that offers drydock.dev/fuse',
  },
  'device-kvm': {
    title: 'device /dev/kvm',
    lacking: '',
    without: 'everything; virtual machines are emulated, and slower',
    get: 'nodes with virtualisation and a device plugin that offers drydock.dev/kvm',
  },
} as const satisfies Record<string, Description>

export type Capability = keyof typeof CAPABILITIES

export const CAPABILITY_NAMES = Object.keys(CAPABILITIES) as Capability[]

/** Without these no lab runs, or none is safe. */
export const REQUIRED = [
  'version',
  'user-namespaces',
  'image-volumes',
  'network-policy',
  'validating-policies',
  'pod-security',
  'exec',
] as const satisfies Capability[]

/** Labs would run without these, only less safely: for the operator to decide, and nobody else. */
export const ACCEPTABLE = ['network-policy', 'validating-policies', 'pod-security'] as const satisfies Capability[]

/** The Localhost profile of `engine` machines, below the seccomp folder of each node's kubelet. */
export const ENGINE_SECCOMP_PROFILE = 'drydock-engine.json'
