import type { Logger } from 'pino'
import type { Availability } from '#lib/capabilities/availability.ts'
import { env } from '#lib/env.ts'
import { admissionManifests } from '#lib/sandbox/admission.ts'
import type { ClusterPort } from '#lib/sandbox/cluster-port.ts'
import { labRegistries } from '#lib/sandbox/lab-images.ts'
import { Observed } from '#lib/sandbox/observed.ts'
import type { ClusterOffer } from '#lib/sandbox/reconcile-capabilities.ts'
import { writeClusterStatus } from '#lib/sandbox/reconcile-cluster-status.ts'

type Options = {
  cluster: Pick<ClusterPort, 'identity' | 'apply'>
  /** Finds out what the cluster offers; without it every lab is taken to be available (tests of other things). */
  offer?: ClusterOffer | undefined
  images: () => Record<string, string>
  now: () => Date
  log: Logger
}

/** What is known of the cluster itself: whether it answers, which one it is, and whether machines may be made in it. */
export class ClusterKnowledge {
  readonly observed = new Observed()
  readonly #options: Options
  #identity: { uid: string; sync: number } | null = null
  /** The cluster whose policies are in place, and for which images. */
  #guarded: string | undefined
  #open = false

  constructor(options: Options) {
    this.#options = options
  }

  /** Lists are complete, and it is known of which cluster. */
  get trusted(): boolean {
    return this.observed.complete && this.#identity?.sync === this.observed.syncs
  }

  get uid(): string | null {
    return this.#identity?.uid ?? null
  }

  /** Machines may be made: it answers, nobody is still setting it up, and its policies are in place. */
  get open(): boolean {
    return this.#open
  }

  availability(lab: Parameters<ClusterOffer['availability']>[0]): Availability {
    return this.#options.offer?.availability(lab) ?? { kind: 'available' }
  }

  /** Looks once, at the beginning of a tick. */
  async look(): Promise<void> {
    await this.#identify()
    const answers = await writeClusterStatus(this.observed, this.trusted, this.#options.now())
    this.#open = answers && (await this.#guard())
    if (this.#open && this.uid) await this.#options.offer?.look(this.uid)
  }

  /** Asks which cluster it is after every complete list, and believes no list before it knows. */
  async #identify(): Promise<void> {
    const { syncs, complete } = this.observed
    if (!complete || this.#identity?.sync === syncs) return
    try {
      this.#identity = { uid: await this.#options.cluster.identity(), sync: syncs }
    } catch (err) {
      this.#options.log.warn({ err }, 'the cluster lists pods but does not say which one it is')
    }
  }

  /** No machine is made in a cluster before its admission policies are in place, or known to be somebody else's task. */
  async #guard(): Promise<boolean> {
    const { cluster, images, log } = this.#options
    let refs: Record<string, string>
    try {
      refs = images()
    } catch {
      return true // without images no machine is made either, and provisioning says why
    }
    // Images may come later than the cluster, and with another repository.
    const guarded = JSON.stringify([this.#identity?.uid, refs])
    if (this.#guarded === guarded) return true
    try {
      const may = await cluster.apply(admissionManifests(refs, labRegistries(env())))
      if (!may) log.warn('this platform may not install its admission policies: the cluster’s operator has to')
      this.#guarded = guarded
      return true
    } catch (err) {
      log.warn({ err }, 'the admission policies are not in place')
      return false
    }
  }
}
