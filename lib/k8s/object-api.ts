import { createConfiguration, HttpMethod, type KubeConfig, ServerConfiguration } from '@kubernetes/client-node'
import { z } from 'zod'
import { AppError } from '#lib/errors.ts'

const CALL_TIMEOUT_MS = 5000

/** The server's own no: another try gives the same answer until somebody changes something. */
export class Refused extends Error {}

/**
 * The JSON at a path of the API server, untouched: the client's typed calls make classes and dates of it.
 * @throws Refused for 403 and 404; AppError `cluster-unavailable` for any other status; what fetch throws
 */
export async function getJson(config: KubeConfig, path: string): Promise<unknown> {
  const { httpApi } = createConfiguration()
  const server = new ServerConfiguration(config.getCurrentCluster()?.server ?? '', {})
  const request = server.makeRequestContext(path, HttpMethod.GET)
  request.setSignal(AbortSignal.timeout(CALL_TIMEOUT_MS))
  await config.applySecurityAuthentication(request)
  const { httpStatusCode: status, body } = await httpApi.send(request).toPromise()
  const text = await body.text()
  if (status === 403 || status === 404) throw new Refused(`${status} for ${path}`)
  if (status !== 200) throw new AppError('cluster-unavailable', `${status} for ${path}: ${text.slice(0, 200)}`)
  return JSON.parse(text)
}

const groupSchema = z.object({ versions: z.array(z.object({ version: z.string() })) })
const resourcesSchema = z.object({ resources: z.array(z.object({ name: z.string(), namespaced: z.boolean() })) })

/** The path under which the server keeps a resource, e.g. `deployments.apps` → `/apis/apps/v1/deployments`. */
export async function resourcePath(config: KubeConfig, resource: string): Promise<string> {
  const [, name = '', group] = /^([^.]+)(?:\.(.+))?$/.exec(resource) ?? []
  for (const base of await versionPaths(config, group)) {
    const found = resourcesSchema.parse(await getJson(config, base)).resources.find((each) => each.name === name)
    if (found && !found.namespaced) throw new Refused(`"${resource}" does not belong to a namespace`)
    if (found) return `${base}/${name}`
  }
  throw new Refused(`the cluster has no "${resource}"`)
}

/** The server names the version it prefers first. */
async function versionPaths(config: KubeConfig, group: string | undefined): Promise<string[]> {
  if (!group) return ['/api/v1']
  const { versions } = groupSchema.parse(await getJson(config, `/apis/${group}`))
  return versions.map(({ version }) => `/apis/${group}/${version}`)
}

const objectSchema = z.looseObject({
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string().optional(),
    resourceVersion: z.string(),
    labels: z.record(z.string(), z.string()).optional(),
  }),
})
const listSchema = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.object({ resourceVersion: z.string() }),
  items: z.array(objectSchema),
})

export type ApiObject = z.output<typeof objectSchema>

/** All objects at a path as the server has them at this moment (never from a cache), and from where to watch on. */
export async function listObjects(config: KubeConfig, path: string): Promise<{ version: string; items: ApiObject[] }> {
  const { apiVersion, kind, metadata, items } = listSchema.parse(await getJson(config, path))
  // Only the list itself says what its items are; a watch says it of each.
  const named = { apiVersion, kind: kind.replace(/List$/, '') }
  return { version: metadata.resourceVersion, items: items.map((item) => ({ ...named, ...item })) }
}

export const parseObject = (value: unknown): ApiObject | null => objectSchema.safeParse(value).data ?? null
