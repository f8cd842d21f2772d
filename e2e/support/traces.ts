import { ApiException, KubernetesObjectApi } from '@kubernetes/client-node'
import pg from 'pg'
import { KubeConfigSource } from '#lib/k8s/kube-config.ts'

/** The tables of the site's database with a row in which `text` stands. */
export async function tablesWith(text: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: process.env.DATABASE_URL })
  await client.connect()
  try {
    const tables = await client.query<{ table_name: string }>(
      'select table_name from information_schema.tables where table_schema = current_schema()',
    )
    const found: string[] = []
    for (const { table_name: table } of tables.rows) {
      const sql = `select 1 from ${pg.escapeIdentifier(table)} as r where position($1 in to_jsonb(r)::text) > 0 limit 1`
      if ((await client.query(sql, [text])).rowCount) found.push(table)
    }
    return found
  } finally {
    await client.end()
  }
}

/** Whether the cluster has a namespace of this name, terminating or not. */
export async function namespaceExists(name: string): Promise<boolean> {
  const api = KubernetesObjectApi.makeApiClient(await new KubeConfigSource(process.env.KUBECONFIG).current())
  try {
    await api.read({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
    return true
  } catch (error) {
    if (error instanceof ApiException && error.code === 404) return false
    throw error
  }
}
