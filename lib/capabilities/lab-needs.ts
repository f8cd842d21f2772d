import { type Capability, REQUIRED } from '#lib/capabilities/capability.ts'
import type { Lab } from '#lib/labs/schema.ts'

type ProfileName = Lab['machines'][number]['profile']

/** What machines of a profile need beyond what every machine does. */
const NEEDS: Record<ProfileName, Capability[]> = {
  shell: [],
  root: [],
  kubernetes: ['mutating-policies'],
  engine: ['engine-seccomp'],
}

/** What a cluster must offer for this lab, in the order of the table. Pure. */
export function labNeeds({ machines }: { machines: { profile: ProfileName }[] }): Capability[] {
  return [...new Set([...REQUIRED, ...machines.flatMap(({ profile }) => NEEDS[profile])])]
}
