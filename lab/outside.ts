import { dirname } from 'node:path'
import { instanceAt } from '#cluster/instance.ts'
import { OutsideMachine } from '#cluster/outside.ts'
import { runningState } from '#cluster/state.ts'
import { openingsOf } from '#lib/labs/egress.ts'
import type { LabProof } from '#lib/proof/load-proof.ts'
import { type Resolve, resolveHere } from '#lib/sandbox/lab-egress.ts'

/** The one host outside that a proof brings along: it says "outside" by HTTP on both ports. Any other is asked for where it is. */
const HOST = 'outside.example'
const PORTS = [8080, 9090]

export type Outside = { resolve: Resolve }
type Needs = Pick<LabProof, 'id' | 'lab'>

export const needsOutside = ({ lab }: Needs): boolean =>
  openingsOf(lab.definition.lab.egress).some(({ host }) => host === HOST)

/**
 * Makes that host, for as long as `parts`, and lets this process's labs reach it. Null where that cannot be: the cluster is
 * not the embedded one.
 */
export async function openOutside(kubeconfig: string, parts: AsyncDisposableStack): Promise<Outside | null> {
  const dataDir = dirname(kubeconfig)
  if (!runningState(instanceAt(dataDir))) return null
  const { addresses } = parts.use(await OutsideMachine.open(dataDir, PORTS))
  process.env.DRYDOCK_EGRESS_HOSTS = [process.env.DRYDOCK_EGRESS_HOSTS, HOST].filter(Boolean).join(',')
  return { resolve: async (host) => (host === HOST ? [addresses[0]] : resolveHere(host)) }
}

/** Those that need no such host. Says which are left out. */
export function withoutOutside<P extends Needs>(proofs: P[]): P[] {
  for (const { id } of proofs.filter(needsOutside)) {
    console.log(`- ${id} is not proven: ${HOST} can be made beside the embedded cluster only`)
  }
  return proofs.filter((proof) => !needsOutside(proof))
}
