import type { Platform } from '#bench/platform.ts'
import type { Session } from '#bench/sandbox.ts'
import { sessionVisitor } from '#lib/auth/session.ts'
import { labDigest } from '#lib/labs/digest.ts'
import { labSchema } from '#lib/labs/schema.ts'
import { startSandbox } from '#lib/sandbox/start-sandbox.ts'
import type { SandboxView } from '#lib/sandbox/view.ts'
import { DATA } from '#scripts/paths.ts'
import { loadSecrets } from '#scripts/secrets.ts'

/** Starts a lab that is in no catalogue, one machine of this profile: what the route does, on the platform's own database. */
export async function startOwnLab(platform: Platform, person: Session, profile: string): Promise<SandboxView> {
  Object.assign(process.env, {
    DATABASE_URL: platform.databaseUrl,
    NEXTAUTH_URL: platform.baseUrl,
    NEXTAUTH_SECRET: loadSecrets(DATA).nextAuthSecret,
  })
  const user = await sessionVisitor(person.cookie)
  if (!user) throw new Error('nobody is signed in')
  const labId = `bench/${profile}`
  const lab = labSchema.parse({
    machines: [{ name: 'box', profile }],
    tasks: [{ id: 'none', title: 'Nothing', check: { run: 'none.sh' } }],
  })
  const definition = { lab, scripts: { 'none.sh': 'not_yet "There is nothing to do."\n' } }
  const loaded = { definition, digest: labDigest(labId, definition) }
  return startSandbox({ userId: user.id, labId, loadLab: async () => loaded })
}
