import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'

/** One request to the API server. Times in ms since 1970; `endedAt` null while it is open. */
export type ApiCall = {
  at: number
  endedAt: number | null
  verb: string
  /** `pods`, `pods/exec`, `roles.rbac.authorization.k8s.io`; empty for what is no resource. */
  resource: string
  namespace: string
  path: string
  query: string
}

const eventSchema = z.object({
  auditID: z.string(),
  stage: z.string(),
  verb: z.string(),
  requestURI: z.string(),
  user: z.object({ username: z.string() }),
  requestReceivedTimestamp: z.string(),
  stageTimestamp: z.string(),
  objectRef: z
    .object({
      resource: z.string().default(''),
      subresource: z.string().optional(),
      apiGroup: z.string().optional(),
      namespace: z.string().default(''),
    })
    .optional(),
})

/** Where the embedded cluster of this kubeconfig keeps its audit log. @throws Error for any other cluster */
export function auditFolder(kubeconfig: string): string {
  const folder = join(dirname(kubeconfig), 'logs')
  if (!existsSync(join(folder, 'audit.log')))
    throw new Error('There is no audit log beside the kubeconfig: this bench needs the embedded cluster.')
  return folder
}

/** What somebody asked since then, oldest first, by the audit log and its older parts. */
export function readCalls(folder: string, { username, since }: { username: string; since: number }): ApiCall[] {
  const files = readdirSync(folder).filter((name) => /^audit.*\.log$/.test(name))
  const lines = files
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).mtimeMs >= since)
    .flatMap((file) => readFileSync(file, 'utf8').split('\n'))
  return parseCalls(lines, username).filter(({ at }) => at >= since)
}

/** Each request has up to two lines: when the answer began, if it is a long one, and when it ended. Pure. */
export function parseCalls(lines: string[], username: string): ApiCall[] {
  const calls = new Map<string, ApiCall>()
  for (const line of lines) {
    if (!line.includes(username)) continue
    const { data: event } = eventSchema.safeParse(parsed(line))
    if (event?.user.username !== username) continue
    const { resource = '', subresource, apiGroup, namespace = '' } = event.objectRef ?? {}
    const [path = '', query = ''] = event.requestURI.split('?')
    const ended = event.stage === 'ResponseComplete' || event.stage === 'Panic'
    calls.set(event.auditID, {
      at: Date.parse(event.requestReceivedTimestamp),
      endedAt: ended ? Date.parse(event.stageTimestamp) : (calls.get(event.auditID)?.endedAt ?? null),
      verb: event.verb,
      resource: [resource, subresource].filter(Boolean).join('/') + (apiGroup ? `.${apiGroup}` : ''),
      namespace,
      path,
      query,
    })
  }
  return [...calls.values()].sort((a, b) => a.at - b.at)
}

/** How many watches were open at a moment, by kind; those with a selector of labels look at other objects. Pure. */
export function watchesOpenAt(calls: ApiCall[], moment: number): Record<string, number> {
  const open = calls.filter(
    ({ verb, at, endedAt }) => verb === 'watch' && at <= moment && (endedAt ?? Number.POSITIVE_INFINITY) > moment,
  )
  const kind = ({ resource, query }: ApiCall) =>
    new URLSearchParams(query).has('labelSelector') ? `${resource} of ours` : resource
  return Object.fromEntries(Object.entries(Object.groupBy(open, kind)).map(([name, same]) => [name, same?.length ?? 0]))
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined // the last one may be half written
  }
}
