import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { labSchema } from '#lib/labs/schema.ts'
import type { Manifest } from '#lib/sandbox/cluster-port.ts'
import { sandboxManifests } from '#lib/sandbox/manifests.ts'
import { INSTANCE_LABEL, namespacesOf, SANDBOX_LABEL } from '#lib/sandbox/names.ts'
import { testLab } from '#lib/sandbox/testing.ts'

type Container = {
  name: string
  image: string
  command: string[]
  securityContext: { capabilities: { drop: string[]; add: string[] } } & Record<string, unknown>
  resources: { requests: Record<string, string>; limits: Record<string, string> }
  volumeMounts: { name: string; mountPath: string; readOnly?: boolean }[]
}
type PodSpec = { containers: Container[]; volumes: Record<string, unknown>[] } & Record<string, unknown>

const images = { root: 'r:1', base: 'b:1', engine: 'n:1', kubernetes: 'k:1', examiner: 'e:1', agent: 'a:1' }
const options = { sandboxId: 'cmwqdpa6l0002lw7d9dnws3m5', instance: 'i-1', lab: testLab.lab, images }
const manifests = sandboxManifests(options)
const of = (kind: string): Manifest => {
  const [found, ...more] = manifests.filter((manifest) => manifest.kind === kind)
  if (!found || more.length > 0) throw new Error(`not exactly one ${kind}`)
  return found
}
const pod = of('Pod').spec as PodSpec
const container = (name: string): Container => {
  const found = pod.containers.find((one) => one.name === name)
  if (!found) throw new Error(`no container ${name}`)
  return found
}

describe('every object', () => {
  it('is pure, and carries sandbox and instance', () => {
    expect(sandboxManifests(options)).toEqual(manifests)
    for (const { metadata } of manifests) {
      expect(metadata.labels).toMatchObject({ [SANDBOX_LABEL]: options.sandboxId, [INSTANCE_LABEL]: 'i-1' })
    }
  })

  it('lies in a namespace named by hash, after the namespace itself', () => {
    const { sys } = namespacesOf(options.sandboxId)
    expect(sys).toMatch(/^dd-[0-9a-f]{20}-sys$/)
    expect(manifests[0]).toMatchObject({ kind: 'Namespace', metadata: { name: sys } })
    for (const { metadata } of manifests.slice(1)) expect(metadata.namespace).toBe(sys)
  })

  it.each(['ServiceAccount', 'ResourceQuota', 'LimitRange', 'NetworkPolicy', 'Pod'])('has one %s', (kind) => {
    expect(of(kind).kind).toBe(kind)
  })

  it('needs every image', () => {
    const without = () => sandboxManifests({ ...options, images: { root: 'r:1', examiner: 'e:1' } })
    expect(without).toThrow(expect.objectContaining({ code: 'cluster-unavailable' }))
  })
})

describe('the pod', () => {
  it.each([
    ['hostUsers', false],
    ['shareProcessNamespace', true],
    ['automountServiceAccountToken', false],
    ['enableServiceLinks', false],
    ['hostNetwork', undefined],
    ['hostPID', undefined],
    ['hostIPC', undefined],
    ['hostname', 'box'],
    ['dnsPolicy', 'None'],
    ['terminationGracePeriodSeconds', 0],
  ])('%s is %s', (key, value) => {
    expect(pod[key]).toBe(value)
  })

  it('mounts the agent read-only in both containers, and its socket in the machine alone', () => {
    for (const { volumeMounts } of pod.containers) {
      expect(volumeMounts).toContainEqual({ name: 'agent', mountPath: '/.drydock', readOnly: true })
    }
    expect(container('machine').volumeMounts.map(({ name }) => name)).toContain('run')
    expect(container('examiner').volumeMounts.map(({ name }) => name)).not.toContain('run')
  })

  it('has no volume but the agent and bounded memory', () => {
    for (const { name, ...source } of pod.volumes) {
      if (name === 'agent') expect(source).toEqual({ image: { reference: 'a:1', pullPolicy: 'IfNotPresent' } })
      else expect(source).toEqual({ emptyDir: { medium: 'Memory', sizeLimit: '16Mi' } })
    }
  })
})

describe.each(['machine', 'examiner'])('container %s', (name) => {
  const { securityContext, resources } = container(name)

  it('drops all capabilities and is not privileged, seccomp on', () => {
    expect(securityContext).toMatchObject({
      privileged: false,
      procMount: 'Unmasked',
      seccompProfile: { type: 'RuntimeDefault' },
      capabilities: { drop: ['ALL'] },
    })
  })

  it.each(['SYS_MODULE', 'SYS_RAWIO', 'SYS_BOOT', 'SYS_TIME', 'SYS_RESOURCE', 'BPF', 'DAC_READ_SEARCH', 'SYSLOG'])(
    'never holds %s',
    (capability) => {
      expect(securityContext.capabilities.add).not.toContain(capability)
    },
  )

  it('is bounded in CPU, memory and disk, memory requested in full', () => {
    expect(Object.keys(resources.limits).toSorted()).toEqual(['cpu', 'ephemeral-storage', 'memory'])
    expect(resources.requests.memory).toBe(resources.limits.memory)
  })
})

it('only the examiner may trace, and only its root filesystem is read-only', () => {
  const machine = container('machine').securityContext
  const examiner = container('examiner').securityContext
  expect(machine.capabilities.add).not.toContain('SYS_PTRACE')
  expect(examiner.capabilities.add).toEqual([...machine.capabilities.add, 'SYS_PTRACE'])
  expect([machine.readOnlyRootFilesystem, examiner.readOnlyRootFilesystem]).toEqual([false, true])
})

it('nothing gets in or out, nothing else can be made', () => {
  expect(of('NetworkPolicy').spec).toEqual({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] })
  expect(of('ResourceQuota').spec).toMatchObject({
    hard: { pods: '1', services: '0', secrets: '0', persistentvolumeclaims: '0', 'services.nodeports': '0' },
  })
  expect(of('ServiceAccount').automountServiceAccountToken).toBe(false)
  expect(of('Namespace').metadata.labels).toMatchObject({ 'pod-security.kubernetes.io/enforce': 'privileged' })
})

describe('a lab with engines', () => {
  const machines = [
    { name: 'host', profile: 'engine' },
    { name: 'box', profile: 'root', image: 'python:3.13-slim' },
  ]
  const lab = labSchema.parse({
    ...testLab.lab,
    machines,
    tasks: testLab.lab.tasks.map((task) => ({ ...task, on: 'host' })),
  })
  const all = sandboxManifests({ ...options, lab, registry: '10.96.0.20', devices: ['kvm', 'fuse', 'tun'] })
  const [host, box] = all.filter(({ kind }) => kind === 'Pod').map(({ spec }) => spec as PodSpec)
  const [machine, examiner] = host?.containers ?? []

  it('has the wider filter in the engine’s container alone, and not one capability more', () => {
    expect(machine?.securityContext.seccompProfile).toEqual({
      type: 'Localhost',
      localhostProfile: 'drydock-engine.json',
    })
    expect(host?.securityContext).toEqual({ seccompProfile: { type: 'RuntimeDefault' } })
    for (const one of [examiner, ...(box?.containers ?? [])]) {
      expect(one?.securityContext.seccompProfile).toEqual({ type: 'RuntimeDefault' })
    }
    expect(machine?.securityContext.capabilities).toEqual(container('machine').securityContext.capabilities)
  })

  it('keeps the engines’ data on bounded volumes of its own', () => {
    const folders = ['/var/lib/docker', '/var/lib/containerd', '/var/lib/containers']
    for (const [index, mountPath] of folders.entries()) {
      expect(machine?.volumeMounts).toContainEqual({ name: `data-${index}`, mountPath })
      expect(host?.volumes).toContainEqual({ name: `data-${index}`, emptyDir: { sizeLimit: '4096Mi' } })
    }
    expect(examiner?.volumeMounts.map(({ name }) => name)).toEqual(['agent', 'examiner-tmp'])
  })

  it('starts the engines’ services, and knows the registry by name', () => {
    expect(machine?.command.join(' ')).toContain('--service /usr/lib/drydock/dockerd=/run/docker.sock')
    expect(host?.hostAliases).toEqual([{ ip: '10.96.0.20', hostnames: ['registry.drydock.local'] }])
    expect(box?.hostAliases).toBe(undefined)
    const policies = all.filter(({ kind }) => kind === 'NetworkPolicy')
    expect(policies.map(({ metadata }) => metadata.name)).toEqual(['deny-all', 'registry'])
    expect(policies[1]?.spec).toMatchObject({
      podSelector: { matchLabels: { 'drydock.dev/profile': 'engine' } },
      egress: [{ ports: [{ port: 5000 }] }],
    })
  })

  it('has the devices it knows what to do with, where nodes offer them', () => {
    const devicesOf = (one?: Container) => Object.keys(one?.resources.limits ?? {}).filter((name) => name.includes('/'))
    expect(devicesOf(machine)).toEqual(['drydock.dev/tun', 'drydock.dev/fuse'])
    for (const one of [examiner, ...(box?.containers ?? [])]) expect(devicesOf(one)).toEqual([])
    const bare = sandboxManifests({ ...options, lab }).find(({ kind }) => kind === 'Pod')?.spec as PodSpec
    expect(devicesOf(bare.containers[0])).toEqual([])
  })

  it('has room for exactly its machines', () => {
    const specOf = (wanted: string) => all.find(({ kind }) => kind === wanted)?.spec
    const sum = 1024 + 256 + 2 * 96
    expect(specOf('ResourceQuota')).toMatchObject({
      hard: {
        pods: '2',
        'requests.memory': `${sum}Mi`,
        'limits.memory': `${sum}Mi`,
        'limits.ephemeral-storage': '5248Mi',
      },
    })
    expect(specOf('LimitRange')).toMatchObject({
      limits: [{ max: { cpu: '1000m', memory: '1024Mi', 'ephemeral-storage': '4096Mi' } }],
    })
  })

  it('runs an author’s image with our agent and examiner', () => {
    expect(box?.containers.map(({ image }) => image)).toEqual(['docker.io/library/python:3.13-slim', 'e:1'])
    expect(box?.containers[0]?.command[0]).toBe('/.drydock/agent')
  })
})

describe('the engines’ system call filter', () => {
  const profile = JSON.parse(readFileSync('deploy/seccomp/drydock-engine.json', 'utf8')) as {
    defaultAction: string
    syscalls: { names: string[]; action: string; errnoRet?: number; args?: unknown[] }[]
  }
  const of = (name: string) => profile.syscalls.filter(({ names }) => names.includes(name))

  it.each(['pivot_root', 'mount', 'setns', 'unshare', 'clone3'])('allows %s', (name) => {
    expect(of(name)).toEqual([expect.objectContaining({ action: 'SCMP_ACT_ALLOW' })])
  })

  // runc and crun go on without a keyring where there is none, and only there.
  it.each(['keyctl', 'add_key', 'request_key'])('says that the kernel has no %s', (name) => {
    expect(of(name)).toEqual([expect.objectContaining({ action: 'SCMP_ACT_ERRNO', errnoRet: 38 })])
  })

  it.each([
    ...['kexec_load', 'kexec_file_load', 'init_module', 'finit_module', 'delete_module', 'reboot', 'swapon', 'swapoff'],
    ...[
      'open_by_handle_at',
      'io_uring_setup',
      'userfaultfd',
      'iopl',
      'ioperm',
      'acct',
      'settimeofday',
      'kcmp',
      'vhangup',
    ],
  ])('refuses %s', (name) => {
    expect(profile.defaultAction).toBe('SCMP_ACT_ERRNO')
    expect(of(name)).toEqual([])
  })
})

describe('a machine that asks for more', () => {
  const lab = labSchema.parse({
    machines: [
      { name: 'plain', profile: 'root' },
      { name: 'box', profile: 'root', size: 'large', user: 'learner' },
    ],
    tasks: testLab.lab.tasks.map((task) => ({ ...task, on: 'box' })),
  })
  const made = sandboxManifests({ ...options, lab })
  const machine = (name: string) => {
    const spec = made.find(({ kind, metadata }) => kind === 'Pod' && metadata.name === name)?.spec as
      | PodSpec
      | undefined
    return spec?.containers[0]
  }

  it('has it, within bounds that allow exactly that', () => {
    expect(machine('plain')?.resources.limits).toMatchObject({ cpu: '1000m', memory: '256Mi' })
    expect(machine('box')?.resources.limits).toMatchObject({ cpu: '2000m', memory: '1024Mi' })
    const quota = made.find(({ kind }) => kind === 'ResourceQuota')?.spec as { hard: Record<string, string> }
    expect(quota.hard['limits.memory']).toBe(`${256 + 1024 + 2 * 96}Mi`)
  })

  it('may have a learner who is not root, in a world of their own all the same', () => {
    expect(machine('box')?.command).toContain('--user')
    expect(machine('box')?.command).not.toContain('--isolate')
    expect(machine('plain')?.command).not.toContain('--user')
  })
})
