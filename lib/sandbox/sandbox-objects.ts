import { db } from '#lib/db/client.ts'
import { env } from '#lib/env.ts'
import type { Lab } from '#lib/labs/schema.ts'
import type { ClusterPort, Manifest } from '#lib/sandbox/cluster-port.ts'
import { type Opening, openingsSchema, type Resolve, resolveEgress, resolveHere } from '#lib/sandbox/lab-egress.ts'
import { parseDefinition } from '#lib/sandbox/lab-version.ts'
import { usesKubernetes } from '#lib/sandbox/machine-profiles.ts'
import { sandboxManifests } from '#lib/sandbox/manifests.ts'
import { namespacesOf } from '#lib/sandbox/names.ts'

type Options = {
  cluster: ClusterPort
  instance: string
  images: () => Record<string, string>
  /** How hosts outside are found; as this machine finds them, where left out. */
  resolve?: Resolve
}
type Row = { id: string; egress: unknown; labVersion: { definition: unknown } }

/** What a sandbox is made of in the cluster: all of it at once, any number of times. */
export class SandboxObjects {
  readonly #options: Options

  constructor(options: Options) {
    this.#options = options
  }

  /**
   * @throws AppError `cluster-unavailable` while images are not built, the cluster does not answer, or a host that the lab
   * opens has no address
   */
  async manifests(row: Row): Promise<Manifest[]> {
    const { id, labVersion } = row
    const { lab } = parseDefinition(labVersion.definition)
    const { instance, images, cluster } = this.#options
    const apiServer = usesKubernetes(lab) ? await cluster.apiServer() : []
    return sandboxManifests({
      sandboxId: id,
      instance,
      lab,
      images: images(),
      apiServer,
      registry: env().DRYDOCK_REGISTRY,
      devices: env().DRYDOCK_DEVICES,
      egress: lab.egress ? await this.#egress(row, lab) : [],
    })
  }

  /** Addresses are found once for each sandbox and kept with it: what is made later must agree with what was made first. */
  async #egress({ id, egress }: Row, lab: Lab): Promise<Opening[]> {
    if (egress !== null) return openingsSchema.parse(egress)
    const { cluster, resolve = resolveHere } = this.#options
    const never = (await cluster.apiServer()).map(({ address }) => address)
    const found = await resolveEgress(lab, { resolve, listed: env().DRYDOCK_EGRESS_HOSTS, never })
    await db().sandbox.updateMany({ where: { id }, data: { egress: found } })
    return found
  }

  /** Whether its machines fit on the nodes when nobody else is there. Who may not look takes it that they do. */
  async fit(row: Row): Promise<boolean> {
    return (await this.#options.cluster.fits(await this.manifests(row))) ?? true
  }

  async delete({ id, labVersion }: Row): Promise<void> {
    const { lab } = parseDefinition(labVersion.definition)
    const { sys, learner } = namespacesOf(id)
    const names = usesKubernetes(lab) ? [sys, learner] : [sys]
    await Promise.all(names.map((name) => this.#options.cluster.deleteNamespace({ name })))
  }
}
