import type { ApiServerAddress, Manifest } from '#lib/sandbox/cluster-port.ts'
import type { Opening } from '#lib/sandbox/lab-egress.ts'
import {
  INGRESS,
  NAMESPACE_LABEL,
  NAMESPACE_PARTS,
  PROFILE_LABEL,
  REGISTRY_PORT,
  SANDBOX_LABEL,
} from '#lib/sandbox/names.ts'

type PolicyOptions = {
  inside: (name: string) => Manifest['metadata']
  sandboxId: string
  apiServer: ApiServerAddress[]
}

const policy = (metadata: Manifest['metadata'], spec: Record<string, unknown>): Manifest => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata,
  spec,
})

/** No rule at all: nothing in, nothing out, for IPv4 and IPv6 alike. */
export const denyAll = (inside: PolicyOptions['inside']): Manifest =>
  policy(inside('deny-all'), { podSelector: {}, policyTypes: ['Ingress', 'Egress'] })

/** Pods of both namespaces of one sandbox. */
const ownSandbox = (sandboxId: string) => ({ namespaceSelector: { matchLabels: { [SANDBOX_LABEL]: sandboxId } } })

const egress = ({ sandboxId, apiServer }: PolicyOptions) => [
  { to: [ownSandbox(sandboxId)] },
  {
    to: [
      {
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
        podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
      },
    ],
    ports: ['UDP', 'TCP'].map((protocol) => ({ protocol, port: 53 })),
  },
  ...toApiServer(apiServer),
]

const toApiServer = (addresses: ApiServerAddress[]) =>
  addresses.map(({ address, port }) => ({
    to: [{ ipBlock: { cidr: `${address}/${address.includes(':') ? 128 : 32}` } }],
    ports: [{ protocol: 'TCP', port }],
  }))

/** What a workstation reaches: the learner's pods, DNS, the API server. Nothing reaches it. */
export const workstationTraffic = (options: PolicyOptions): Manifest =>
  policy(options.inside('workstation'), {
    podSelector: { matchLabels: { [PROFILE_LABEL]: 'kubernetes' } },
    policyTypes: ['Egress'],
    egress: egress(options),
  })

/** What engines pull images from: the registry, in front of its Service and behind it. */
export const registryTraffic = (inside: PolicyOptions['inside'], registry: string): Manifest =>
  policy(inside('registry'), {
    podSelector: { matchLabels: { [PROFILE_LABEL]: 'engine' } },
    policyTypes: ['Egress'],
    egress: [
      {
        to: [
          { ipBlock: { cidr: `${registry}/32` } },
          {
            namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
            podSelector: { matchLabels: { 'k8s-app': 'registry' } },
          },
        ],
        ports: [{ protocol: 'TCP', port: REGISTRY_PORT }],
      },
    ],
  })

/** What machines, or the learner's pods, reach outside: each host's addresses, on its ports. The door stays in. */
export const outsideTraffic = (inside: PolicyOptions['inside'], openings: Opening[]): Manifest =>
  policy(inside('outside'), {
    podSelector: { matchExpressions: [{ key: PROFILE_LABEL, operator: 'NotIn', values: [INGRESS] }] },
    policyTypes: ['Egress'],
    egress: openings.map(({ addresses, ports }) => ({
      to: addresses.map((address) => ({ ipBlock: { cidr: `${address}/32` } })),
      ports: ports.map((port) => ({ protocol: 'TCP', port })),
    })),
  })

/** The door: from machines with kubectl of its own sandbox, to the learner's pods of the same one and the API server. */
export const ingressTraffic = (options: {
  metadata: Manifest['metadata']
  sandboxId: string
  apiServer: ApiServerAddress[]
  ports: number[]
}): Manifest =>
  policy(options.metadata, {
    podSelector: { matchLabels: { [PROFILE_LABEL]: INGRESS } },
    policyTypes: ['Ingress', 'Egress'],
    ingress: [
      {
        from: [{ podSelector: { matchLabels: { [PROFILE_LABEL]: 'kubernetes' } } }],
        ports: options.ports.map((port) => ({ protocol: 'TCP', port })),
      },
    ],
    egress: [
      {
        to: [
          {
            namespaceSelector: {
              matchLabels: { [SANDBOX_LABEL]: options.sandboxId, [NAMESPACE_LABEL]: NAMESPACE_PARTS.learner },
            },
          },
        ],
      },
      ...toApiServer(options.apiServer),
    ],
  })

/**
 * Learners' pods: among themselves, from the workstation, to DNS and the API server. It selects every pod, in both
 * directions, so that nothing else gets in or out.
 */
export const learnerTraffic = (options: PolicyOptions): Manifest =>
  policy(options.inside('sandbox'), {
    podSelector: {},
    policyTypes: ['Ingress', 'Egress'],
    ingress: [{ from: [ownSandbox(options.sandboxId)] }],
    egress: egress(options),
  })
