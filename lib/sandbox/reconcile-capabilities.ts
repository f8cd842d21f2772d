import type { Logger } from 'pino'
import { type Availability, availability } from '#lib/capabilities/availability.ts'
import { type Capability, REQUIRED } from '#lib/capabilities/capability.ts'
import { missing } from '#lib/capabilities/format-report.ts'
import { merged, type Report } from '#lib/capabilities/report.ts'
import { db } from '#lib/db/client.ts'
import type { Lab } from '#lib/labs/schema.ts'
import { parseOffer } from '#lib/sandbox/lab-availability.ts'
import { publish } from '#lib/sandbox/publish.ts'

/** When to look again. An operator who mends something sees it without a restart; where all is there, rarely. */
const AGAIN_MS = { failed: 5000, unknown: 30_000, lacking: 5 * 60_000, fine: 6 * 60 * 60_000 }

type Options = {
  /** Looks at the cluster; takes seconds, leaves nothing, and rejects when the cluster does not answer or on abort. */
  probe: (signal: AbortSignal) => Promise<Report>
  accepted: readonly Capability[]
  now: () => Date
  log: Logger
}

/** What the cluster offers, as last probed: in the database, so that pages know it, and a restart does not forget it. */
export class ClusterOffer {
  readonly #options: Options
  #known: { uid: string; report: Report | null } | null = null
  readonly #stopping = new AbortController()
  #job: Promise<void> | null = null
  #lookAt = 0

  constructor(options: Options) {
    this.#options = options
  }

  /** Whether the lab can be had in the cluster last looked at. */
  availability(lab: Pick<Lab, 'machines'>): Availability {
    return availability(lab, this.#known?.report ?? null, this.#options.accepted)
  }

  /** Makes sure that it is known, or being found out, what this cluster offers. Probes run beside the ticks. */
  async look(uid: string): Promise<void> {
    if (this.#known?.uid !== uid) {
      const row = await db().clusterStatus.findUnique({ where: { id: 1 } })
      const stored = parseOffer(row?.offer)
      const report = stored?.clusterUid === uid ? stored.report : null
      this.#known = { uid, report }
      this.#lookAt = report ? Date.parse(report.at) + this.#pause(report) : 0
    }
    if (this.#job || this.#stopping.signal.aborted || this.#options.now().getTime() < this.#lookAt) return
    this.#job = this.#probe(uid).finally(() => {
      this.#job = null
    })
  }

  /** Resolves when no probe is under way. */
  async idle(): Promise<void> {
    await this.#job
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#job
  }

  #pause({ findings }: Report): number {
    const needed = REQUIRED.map((name) => findings[name].found)
    return AGAIN_MS[needed.includes('unknown') ? 'unknown' : needed.includes('no') ? 'lacking' : 'fine']
  }

  async #probe(clusterUid: string): Promise<void> {
    const { probe, accepted, now, log } = this.#options
    try {
      const found = await probe(this.#stopping.signal)
      if (this.#known?.uid !== clusterUid) return
      const report = merged(this.#known.report, found)
      this.#known = { uid: clusterUid, report }
      this.#lookAt = now().getTime() + this.#pause(found)
      const lacks = missing(report, accepted)
      if (lacks.length > 0) log.warn({ lacks }, 'the cluster lacks what labs need: npm run cluster -- doctor')
      const offer = { clusterUid, report }
      await db().clusterStatus.upsert({
        where: { id: 1 },
        create: { id: 1, state: 'ready', offer },
        update: { offer },
      })
      publish('cluster', 'queue')
    } catch (err) {
      this.#lookAt = now().getTime() + AGAIN_MS.failed
      if (!this.#stopping.signal.aborted) log.warn({ err }, 'what the cluster offers could not be found out')
    }
  }
}
