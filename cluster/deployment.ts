import type { ApiClient } from './api-client.ts'
import { waitFor } from './exec.ts'

type Deployment = {
  metadata: { generation: number }
  status?: { observedGeneration?: number; updatedReplicas?: number; availableReplicas?: number }
}

/**
 * Waits until a Deployment of kube-system, as it was last applied, has a replica that is ready. Not by the condition
 * Available, which one of a single replica that may be unavailable has from the start.
 */
export async function waitForDeployment(client: ApiClient, name: string, timeoutMs: number): Promise<void> {
  const path = `/apis/apps/v1/namespaces/kube-system/deployments/${name}`
  const isServing = async () => {
    const deployment = await client.getJson<Deployment>(path)
    const { observedGeneration, updatedReplicas = 0, availableReplicas = 0 } = deployment?.status ?? {}
    return observedGeneration === deployment?.metadata.generation && updatedReplicas > 0 && availableReplicas > 0
  }
  await waitFor(`the Deployment ${name}`, isServing, { timeoutMs, intervalMs: 50 })
}
