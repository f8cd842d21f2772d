import type { PodStatus } from '#lib/sandbox/cluster-port.ts'

/**
 * What the watch has told so far, machine by machine. Says `complete` only between a full list and the next
 * interruption: only then does a missing pod mean anything.
 */
export class Observed {
  #pods = new Map<string, Map<string, PodStatus>>()
  #state: 'unknown' | 'complete' | 'down' = 'unknown'
  #syncs = 0

  get complete(): boolean {
    return this.#state === 'complete'
  }

  get down(): boolean {
    return this.#state === 'down'
  }

  /** How many complete lists there were; tells a fresh one from the one before. */
  get syncs(): number {
    return this.#syncs
  }

  sync(all: PodStatus[]): void {
    this.#pods = new Map()
    for (const status of all) this.change(status)
    this.#state = 'complete'
    this.#syncs += 1
  }

  change(status: PodStatus): void {
    const machines = this.#pods.get(status.sandboxId) ?? new Map<string, PodStatus>()
    machines.set(status.machine, status)
    this.#pods.set(status.sandboxId, machines)
  }

  gone(sandboxId: string, machine: string): void {
    this.#pods.get(sandboxId)?.delete(machine)
  }

  lost(): void {
    this.#state = 'down'
  }

  machines(sandboxId: string): PodStatus[] {
    return [...(this.#pods.get(sandboxId)?.values() ?? [])]
  }
}
