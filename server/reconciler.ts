import { randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import { sweepGuests } from '#lib/account/sweep-guests.ts'
import { ACTIVITIES, activityTopic } from '#lib/checks/activity.ts'
import { CheckLoop } from '#lib/checks/check-loop.ts'
import type { ObjectsPort } from '#lib/checks/objects-port.ts'
import { events } from '#lib/db/events.ts'
import { trimVerdicts } from '#lib/progress/trim-verdicts.ts'
import { parseVars } from '#lib/sandbox/attempt-vars.ts'
import type { ClusterPort } from '#lib/sandbox/cluster-port.ts'
import type { Resolve } from '#lib/sandbox/lab-egress.ts'
import { parseDefinition } from '#lib/sandbox/lab-version.ts'
import type { ClusterOffer } from '#lib/sandbox/reconcile-capabilities.ts'
import { SandboxReconcile, type SandboxRow } from '#lib/sandbox/reconcile-sandboxes.ts'
import type { ExecPort } from '#lib/terminal/exec-port.ts'
import { Loop } from '#server/loop.ts'

/** Polling is the truth; hints only make it sooner. */
const POLL_MS = 2000
const TRIM_EVERY_MS = 10 * 60_000

export type ReconcilerOptions = {
  cluster: ClusterPort
  exec: ExecPort
  objects: ObjectsPort
  instance: string
  images: () => Record<string, string>
  /** How hosts outside that labs open are found; as this machine finds them, where left out. */
  resolve?: Resolve
  /** What the cluster offers; without it no lab is held back. */
  offer?: ClusterOffer
  log: Logger
}

type RunningChecks = { digest: string; loop: CheckLoop; unsubscribe: (() => void)[] }

/** The reconciler's role: follows the cluster, drives sandboxes to what their rows say, and judges the usable ones. */
export class Reconciler {
  readonly #options: ReconcilerOptions
  readonly #sandboxes: SandboxReconcile
  readonly #loop: Loop
  readonly #trim: Loop
  readonly #checks = new Map<string, RunningChecks>()
  readonly #unfollow: (() => void)[] = []

  constructor(options: ReconcilerOptions) {
    this.#options = options
    const { log } = options
    this.#loop = new Loop({ work: () => this.#tick(), everyMs: POLL_MS, log: log.child({ loop: 'reconcile' }) })
    this.#trim = new Loop({
      work: async () => {
        await trimVerdicts()
        await sweepGuests()
      },
      everyMs: TRIM_EVERY_MS,
      log: log.child({ loop: 'trim' }),
    })
    this.#sandboxes = new SandboxReconcile({
      ...options,
      holder: randomUUID(),
      now: () => new Date(),
      wake: this.wake,
    })
  }

  readonly wake = (): void => this.#loop.wake()

  start(): void {
    const { observed } = this.#sandboxes
    const followed = <T extends unknown[]>(note: (...told: T) => void) => {
      return (...told: T): void => {
        note(...told)
        this.wake()
      }
    }
    // Opened before anything is created: a machine's first status must not be missed.
    const watch = this.#options.cluster.watchPods({
      onSync: followed((all) => observed.sync(all)),
      onChange: followed((status) => observed.change(status)),
      onGone: followed((sandboxId, machine) => observed.gone(sandboxId, machine)),
      onDown: (err) => {
        if (!observed.down) this.#options.log.warn({ err }, 'the cluster does not answer')
        observed.lost()
        this.wake()
      },
    })
    this.#unfollow.push(() => watch.stop(), events().subscribe('queue', this.wake))
    this.#loop.start()
    this.#trim.start()
  }

  /** Lets go of the cluster and the lease; sandboxes stay as they are. */
  async stop(): Promise<void> {
    for (const end of this.#unfollow) end()
    await Promise.all([this.#loop.stop(), this.#trim.stop(), this.#options.offer?.stop()])
    await Promise.all([...this.#checks.keys()].map((id) => this.#endChecks(id)))
    await this.#sandboxes.stop()
  }

  async #tick(): Promise<void> {
    const { usable } = await this.#sandboxes.tick()
    const ids = new Set(usable.map(({ id }) => id))
    for (const id of this.#checks.keys()) if (!ids.has(id)) void this.#endChecks(id)
    for (const row of usable) {
      const running = this.#checks.get(row.id)
      // Its author wrote another version meanwhile.
      if (running && running.digest !== row.labDigest) await this.#endChecks(row.id)
      if (!this.#checks.has(row.id)) this.#beginChecks(row)
    }
  }

  #beginChecks(row: SandboxRow): void {
    const { exec, objects, log } = this.#options
    const { id, attemptId } = row
    const definition = parseDefinition(row.labVersion.definition)
    const sandbox = { id, attemptId, definition, vars: parseVars(row.attempt.vars) }
    const loop = new CheckLoop({ sandbox, exec, objects, log: log.child({ sandboxId: id }) })
    const unsubscribe = ACTIVITIES.map((one) => events().subscribe(activityTopic(id, one), () => loop.activity(one)))
    this.#checks.set(id, { digest: row.labDigest, loop, unsubscribe })
    loop.start()
  }

  async #endChecks(id: string): Promise<void> {
    const running = this.#checks.get(id)
    this.#checks.delete(id)
    for (const end of running?.unsubscribe ?? []) end()
    await running?.loop.stop()
  }
}
