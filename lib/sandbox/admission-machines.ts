import { prefixes } from '#lib/labs/image-reference.ts'
import type { Policy } from '#lib/sandbox/admission-policy.ts'
import {
  EXAMINER_CAPABILITIES,
  machineCapabilities,
  PROFILES,
  type ProfileName,
} from '#lib/sandbox/machine-profiles.ts'
import { EXAMINER_CONTAINER, INGRESS, LEARNER_ACCOUNT, MACHINE_CONTAINER, PROFILE_LABEL } from '#lib/sandbox/names.ts'

const list = (values: string[]) => `[${values.map((value) => JSON.stringify(value)).join(', ')}]`
const map = (entries: [string, string][]) =>
  `{${entries.map(([key, value]) => `${JSON.stringify(key)}: ${value}`).join(', ')}}`

const names = Object.keys(PROFILES) as ProfileName[]
const profiles = map([
  ...names.map((profile): [string, string] => [profile, list(machineCapabilities(profile))]),
  // No machine, and bound as one all the same: it holds nothing.
  [INGRESS, '[]'],
])
const seccomp = map(
  names.flatMap((profile) => {
    const { engine } = PROFILES[profile]
    return engine ? [[profile, JSON.stringify(engine.seccompProfile)]] : []
  }),
)

/** A reference's repository with the colon or at sign that ends it: `drydock.local/root:` of `drydock.local/root:1`. */
const repository = (ref: string) => ref.replace(/(?<=[:@])[^:@/]+$/, '').replace(/@sha256:$/, '@')

/**
 * `-sys` is Pod Security `privileged`, as SYS_ADMIN and NET_RAW pass no narrower level. This pins what may use that:
 * our two containers with our images and each profile's capabilities, or the ingress, in a user namespace, with nothing of
 * the node's.
 * @param labRegistries where else the images of learners' containers may come from
 */
export const MACHINE_POLICY = (images: Record<string, string>, labRegistries: readonly string[]): Policy => ({
  name: 'machines',
  part: 'machines',
  matches: [{ apiGroup: '', resources: ['pods', 'pods/ephemeralcontainers'], operations: ['CREATE', 'UPDATE'] }],
  variables: [
    { name: 'containers', expression: 'object.spec.containers + object.spec.?initContainers.orValue([])' },
    { name: 'profile', expression: `object.metadata.?labels[?'${PROFILE_LABEL}'].orValue('')` },
    { name: 'profiles', expression: profiles },
    { name: 'door', expression: `variables.profile == '${INGRESS}'` },
    { name: 'machine', expression: 'variables.profiles[?variables.profile].orValue([])' },
    {
      name: 'allowed',
      expression: `variables.door ? {${JSON.stringify(INGRESS)}: variables.machine}
        : {${JSON.stringify(MACHINE_CONTAINER)}: variables.machine, ${JSON.stringify(EXAMINER_CONTAINER)}: ${list(EXAMINER_CAPABILITIES)}}`,
    },
    { name: 'repositories', expression: list([...new Set(Object.values(images).map(repository))]) },
    { name: 'labRepositories', expression: list(labRegistries.flatMap(prefixes)) },
    { name: 'seccomp', expression: seccomp },
  ],
  validations: [
    {
      expression: 'variables.profile in variables.profiles && variables.containers.all(c, c.name in variables.allowed)',
      message: 'Only machines of a known profile, with their examiner, run here.',
    },
    {
      expression: '!has(object.spec.ephemeralContainers) || object.spec.ephemeralContainers.size() == 0',
      message: 'Machines take no ephemeral containers.',
    },
    {
      expression: `object.spec.?hostUsers.orValue(true) == false
        && [object.spec.?hostNetwork, object.spec.?hostPID, object.spec.?hostIPC].all(flag, !flag.orValue(false))
        && variables.containers.all(c, c.?ports.orValue([]).all(p, p.?hostPort.orValue(0) == 0))`,
      message: 'Machines run in a user namespace and share none with the node.',
    },
    {
      expression: `variables.containers.all(c, !c.?securityContext.?privileged.orValue(false)
        && 'ALL' in c.?securityContext.?capabilities.?drop.orValue([])
        && c.?securityContext.?capabilities.?add.orValue([]).all(capability,
             c.name in variables.allowed && capability in variables.allowed[c.name]))`,
      message: 'A container holds no capability beyond its profile.',
    },
    {
      expression: `object.spec.?securityContext.?seccompProfile.?type.orValue('') == 'RuntimeDefault'
        && variables.containers.all(c,
             c.?securityContext.?seccompProfile.?type.orValue('RuntimeDefault') == 'RuntimeDefault'
             || (c.name == '${MACHINE_CONTAINER}' && variables.profile in variables.seccomp
                 && c.securityContext.seccompProfile.type == 'Localhost'
                 && c.securityContext.seccompProfile.?localhostProfile.orValue('') == variables.seccomp[variables.profile]))`,
      message: 'System calls are filtered by the runtime’s default profile, or that of the machine’s own profile.',
    },
    {
      expression: `object.spec.?volumes.orValue([]).all(v, has(v.emptyDir) || has(v.image) || has(v.projected))
        && object.spec.?volumes.orValue([]).all(v, !has(v.image)
             || variables.repositories.exists(r, v.image.reference.startsWith(r)))
        && variables.containers.all(c, variables.repositories.exists(r, c.image.startsWith(r))
             || (c.name == '${MACHINE_CONTAINER}'
                 && variables.labRepositories.exists(r, c.image.startsWith(r))))`,
      message: 'Machines use our images or allowed ones, and no volume of the node’s.',
    },
    {
      expression: `!variables.door || variables.containers.all(c,
        c.image.startsWith(${JSON.stringify(repository(images[INGRESS] ?? 'none:'))})
        && c.?securityContext.?runAsNonRoot.orValue(false)
        && c.?securityContext.?readOnlyRootFilesystem.orValue(false)
        && !c.?securityContext.?allowPrivilegeEscalation.orValue(true))`,
      message: 'An ingress is our image of that name, run by nobody, who changes nothing in it.',
    },
    {
      expression: `variables.door == (object.spec.?serviceAccountName.orValue('') == '${INGRESS}')`,
      message: 'The account of the ingress is for the ingress, and it acts as nobody else.',
    },
    {
      // CVE-2021-25741 and its kind: the kubelet follows the path on the node.
      expression:
        'variables.containers.all(c, c.?volumeMounts.orValue([]).all(m, !has(m.subPath) && !has(m.subPathExpr)))',
      message: 'Machines mount volumes whole, without subPath.',
    },
    {
      expression: `!object.spec.?automountServiceAccountToken.orValue(true)
        && (object.spec.?serviceAccountName.orValue('') != '${LEARNER_ACCOUNT}'
             || variables.profile in ${list(Object.entries(PROFILES).flatMap(([name, { kubernetes }]) => (kubernetes ? [name] : [])))})`,
      message: 'Only workstations of Kubernetes labs act as the learner.',
    },
  ],
})
