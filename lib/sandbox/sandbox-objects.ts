import { env } from '#lib/env.ts'
import type { ClusterPort, Manifest } from '#lib/sandbox/cluster-port.ts'
import { parseDefinition } from '#lib/sandbox/lab-version.ts'
import { usesKubernetes } from '#lib/sandbox/machine-profiles.ts'
import { sandboxManifests } from '#lib/sandbox/manifests.ts'
import { namespacesOf } from '#lib/sandbox/names.ts'

type Options = { cluster: ClusterPort; instance: string; images: () => Record<string, string> }
type Row = { id: string; labVersion: { definition: unknown } }

/** What a sandbox is made of in the cluster: all of it at once, any number of times. */
export class SandboxObjects {
  readonly #options: Options

  constructor(options: Options) {
    this.#options = options
  }

  /** @throws AppError `cluster-unavailable` while images are not built or the cluster does not answer */
  async manifests({ id, labVersion }: Row): Promise<Manifest[]> {
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
    })
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
