import { z } from 'zod'
import { type KubectlContext, kubectl } from '#bench/kubectl.ts'
import { namespacesOf } from '#lib/sandbox/names.ts'

const nodesSchema = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string() }),
      status: z.object({ conditions: z.array(z.object({ type: z.string(), status: z.string() })) }),
    }),
  ),
})
const summarySchema = z.object({
  pods: z.array(
    z.object({
      podRef: z.object({ namespace: z.string() }),
      memory: z.object({ workingSetBytes: z.number().default(0) }).optional(),
    }),
  ),
})
const podsSchema = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string(), namespace: z.string() }),
      status: z.object({
        containerStatuses: z
          .array(
            z.object({
              name: z.string(),
              restartCount: z.number(),
              state: z.object({ terminated: z.object({ reason: z.string().default('') }).optional() }).default({}),
              lastState: z.object({ terminated: z.object({ reason: z.string().default('') }).optional() }).default({}),
            }),
          )
          .default([]),
      }),
    }),
  ),
})

const getJson = async <T>(ctx: KubectlContext, schema: z.ZodType<T>, ...args: string[]): Promise<T> =>
  schema.parse(JSON.parse(await kubectl(ctx, ['get', ...args])))

/** Resolves with the MiB of working set that the kubelets last saw in a sandbox's pods. */
export async function readMemory(ctx: KubectlContext): Promise<(sandboxId: string) => number> {
  const { items } = await getJson(ctx, nodesSchema, 'nodes', '-o', 'json')
  const summaries = await Promise.all(
    items.map(({ metadata }) =>
      getJson(ctx, summarySchema, '--raw', `/api/v1/nodes/${metadata.name}/proxy/stats/summary`),
    ),
  )
  const pods = summaries.flatMap((summary) => summary.pods)
  return (sandboxId) => {
    const { sys, learner } = namespacesOf(sandboxId)
    const own = pods.filter(({ podRef }) => podRef.namespace === sys || podRef.namespace === learner)
    return own.reduce((sum, { memory }) => sum + (memory?.workingSetBytes ?? 0), 0) / 2 ** 20
  }
}

/** What is not as it should be: nodes that are not ready or under pressure, containers that were killed or restarted. */
export async function readTrouble(ctx: KubectlContext): Promise<string[]> {
  const nodes = await getJson(ctx, nodesSchema, 'nodes', '-o', 'json')
  const pods = await getJson(ctx, podsSchema, 'pods', '--all-namespaces', '-o', 'json')
  const conditions = nodes.items.flatMap(({ metadata, status }) =>
    status.conditions
      .filter(({ type, status }) => status !== (type === 'Ready' ? 'True' : 'False'))
      .map(({ type, status }) => `node ${metadata.name}: ${type} is ${status}`),
  )
  const containers = pods.items.flatMap(({ metadata, status }) =>
    status.containerStatuses
      .filter(({ restartCount, state }) => restartCount > 0 || state.terminated)
      .map(({ name, restartCount, state, lastState }) => {
        const why = (state.terminated ?? lastState.terminated)?.reason ?? ''
        return `${metadata.namespace}/${metadata.name}/${name}: ${restartCount} restarts, ${why || 'no reason'}`
      }),
  )
  return [...conditions, ...containers]
}
