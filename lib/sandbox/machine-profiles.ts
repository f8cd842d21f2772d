import type { Lab } from '#lib/labs/schema.ts'

export type ProfileName = Lab['machines'][number]['profile']

/** What a machine is, by the name that labs ask for. */
export type Profile = {
  /** Name of the machine's image. */
  image: string
  /** Root in a user namespace, kept from the pod's other processes; else `learner`, who holds no capability at all. */
  root: boolean
  /** Reaches the API server, and a namespace of the learner's own. */
  kubernetes: boolean
}

export const PROFILES: Record<ProfileName, Profile> = {
  shell: { image: 'base', root: false, kubernetes: false },
  root: { image: 'root', root: true, kubernetes: false },
  kubernetes: { image: 'kubernetes', root: false, kubernetes: true },
}

/** Whether a lab has a namespace for its learner. */
export const usesKubernetes = (lab: Pick<Lab, 'machines'>): boolean =>
  lab.machines.some(({ profile }) => PROFILES[profile].kubernetes)

/** What a learner's root expects to have; of these only the first three reach beyond a default container. */
const ROOT_CAPABILITIES = [
  ...['SYS_ADMIN', 'NET_ADMIN', 'NET_RAW'],
  ...['AUDIT_WRITE', 'CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'MKNOD', 'NET_BIND_SERVICE'],
  ...['SETFCAP', 'SETGID', 'SETPCAP', 'SETUID', 'SYS_CHROOT'],
]
/** The one capability more is what keeps learners' root out of the examiner's processes, and lets it look into theirs. */
export const EXAMINER_CAPABILITIES = [...ROOT_CAPABILITIES, 'SYS_PTRACE']

export const machineCapabilities = (profile: ProfileName): string[] => (PROFILES[profile].root ? ROOT_CAPABILITIES : [])
