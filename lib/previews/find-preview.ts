import { db } from '#lib/db/client.ts'
import { AppError } from '#lib/errors.ts'
import type { Lab } from '#lib/labs/schema.ts'
import { fillVars } from '#lib/labs/template.ts'
import type { VarValues } from '#lib/labs/vars.ts'
import type { PreviewPlace } from '#lib/previews/preview-host.ts'
import { parseVars } from '#lib/sandbox/attempt-vars.ts'
import { parseDefinition } from '#lib/sandbox/lab-version.ts'
import { EXAMINER_CONTAINER, namespacesOf } from '#lib/sandbox/names.ts'
import { refuseNotRunning } from '#lib/sandbox/refuse-not-running.ts'
import type { ExecTarget } from '#lib/terminal/exec-port.ts'

/** A declared port of a running sandbox: what it is called, and which examiner dials which address. */
export type Preview = { title: string; port: string; of: string; target: ExecTarget; address: string }

type Port = NonNullable<Lab['ports']>[number]

/**
 * A port of the user's sandbox, for one of their sessions. @throws AppError `not-found` for a sandbox that is unknown or
 * another user's, a session that has ended, and a port that the lab does not declare; `conflict` while the sandbox is
 * being made; `gone` after.
 */
export async function findPreview(options: PreviewPlace & { userId: string; sessionId: string }): Promise<Preview> {
  const { userId, sessionId, sandboxId, index } = options
  const row = await db().sandbox.findFirst({
    where: { id: sandboxId, userId, user: { signIns: { some: { id: sessionId } } } },
    select: {
      state: true,
      reason: true,
      labVersion: { select: { definition: true } },
      attempt: { select: { vars: true } },
    },
  })
  const { lab } = row ? parseDefinition(row.labVersion.definition) : {}
  const port = lab?.ports?.[index]
  if (!row || !lab || !port) throw new AppError('not-found', `no port ${index} of sandbox ${sandboxId}, user ${userId}`)
  refuseNotRunning({ ...row, id: sandboxId })
  return previewOf({ port, lab, vars: parseVars(row.attempt.vars), sandboxId })
}

type Placed = { port: Port; lab: Pick<Lab, 'machines'>; vars: VarValues; sandboxId: string }

/** Pure. A Service is dialled from a machine with kubectl, as only those reach it; a machine from beside itself. */
export function previewOf({ port: declared, lab, vars, sandboxId }: Placed): Preview {
  const { title, machine, service, from } = declared
  const { sys: namespace, learner } = namespacesOf(sandboxId)
  const port = fillVars(String(declared.port), vars)
  const asker = from ?? lab.machines.find(({ profile }) => profile === 'kubernetes')?.name ?? ''
  const target = { namespace, pod: machine ?? asker, container: EXAMINER_CONTAINER }
  return service === undefined
    ? { title, port, of: machine ?? '', target, address: `:${port}` }
    : { title, port, of: `Service ${service}`, target, address: `${service}.${learner}.svc:${port}` }
}
