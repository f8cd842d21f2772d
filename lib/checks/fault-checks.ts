import type { Logger } from 'pino'
import type { TaskStates } from '#lib/checks/evaluate.ts'
import type { LabDefinition } from '#lib/labs/schema.ts'
import { scriptEnvironment } from '#lib/labs/script-environment.ts'
import type { VarValues } from '#lib/labs/vars.ts'
import { openFaults, updateFault } from '#lib/progress/faults.ts'
import { namespacesOf } from '#lib/sandbox/names.ts'
import { isGood } from '#lib/sandbox/preparation.ts'
import { publish } from '#lib/sandbox/publish.ts'
import { runInMachine } from '#lib/sandbox/run-in-machine.ts'
import type { ExecPort } from '#lib/terminal/exec-port.ts'

const INJECT_TIMEOUT_MS = 20_000

type FaultChecksOptions = {
  sandboxId: string
  definition: LabDefinition
  vars: VarValues
  exec: ExecPort
  log: Logger
}

/** The hidden faults of a lab's scenes: injects those that were asked for, and sees when they are mended. */
export class FaultChecks {
  readonly #options: FaultChecksOptions
  readonly #abort = new AbortController()

  constructor(options: FaultChecksOptions) {
    this.#options = options
  }

  get any(): boolean {
    return Object.keys(this.#options.definition.lab.scenes ?? {}).length > 0
  }

  stop(): void {
    this.#abort.abort()
  }

  /** After a round. An injection that was under way when a process died is waited for. */
  async look(states: TaskStates): Promise<void> {
    if (!this.any) return
    const { sandboxId, definition, log } = this.#options
    for (const row of await openFaults(sandboxId)) {
      const fault = definition.lab.scenes?.[row.scene]?.find(({ id }) => id === row.faultId)
      const now = new Date()
      const holds = fault !== undefined && states.get(fault.mended)?.passedSince != null
      if (!fault) await updateFault(row, { failed: true })
      else if (!row.injectedAt) {
        const ended = await this.#inject(`fault/${row.scene}/${row.askedAt.getTime()}`, fault)
        if (!isGood(ended)) log.warn({ sandboxId, fault: fault.id, ended }, 'a fault could not be injected')
        await updateFault(row, isGood(ended) ? { injectedAt: now } : { failed: true })
      } else if (!holds && !row.brokenAt) await updateFault(row, { brokenAt: now })
      else if (holds && row.brokenAt) await updateFault(row, { mendedAt: now })
      else continue
      publish(`sandbox:${sandboxId}`)
    }
  }

  #inject(id: string, { run, on }: { run: string; on?: string | undefined }) {
    const { sandboxId, definition, vars, exec } = this.#options
    return runInMachine(exec, {
      id,
      namespace: namespacesOf(sandboxId).sys,
      machine: on ?? definition.lab.machines[0]?.name ?? '',
      script: definition.scripts[run] ?? 'exit 1',
      env: scriptEnvironment({ vars }),
      timeoutMs: INJECT_TIMEOUT_MS,
      signal: this.#abort.signal,
    })
  }
}
