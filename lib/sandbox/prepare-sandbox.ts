import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import { ExaminerStream } from '#lib/checks/examiner-stream.ts'
import { db } from '#lib/db/client.ts'
import { AppError } from '#lib/errors.ts'
import { durationSeconds } from '#lib/labs/duration.ts'
import type { Lab, LabDefinition } from '#lib/labs/schema.ts'
import { scriptEnvironment } from '#lib/labs/script-environment.ts'
import type { VarValues } from '#lib/labs/vars.ts'
import { namespacesOf } from '#lib/sandbox/names.ts'
import {
  failedStepWords,
  isGood,
  type Preparation,
  parsePreparation,
  placedFiles,
  type StepEnd,
} from '#lib/sandbox/preparation.ts'
import { publish } from '#lib/sandbox/publish.ts'
import { runInMachine } from '#lib/sandbox/run-in-machine.ts'
import type { ExecPort } from '#lib/terminal/exec-port.ts'

type Step = NonNullable<Lab['init']>[number]

export type PrepareOptions = {
  sandbox: { id: string; definition: LabDefinition; vars: VarValues; preparation: unknown }
  exec: ExecPort
  /** Aborted when the sandbox is not wanted any more. */
  signal: AbortSignal
  log: Logger
}

const FILES_TITLE = 'Putting the files in place'

/**
 * Puts the lab's files into its machines and runs its init steps there, each once what it needs has ended. What has ended
 * is kept, so that another process goes on from there; a step that was under way when this one died goes on, and is waited for.
 * @throws AppError `lab-unavailable`, with words for the learner, when a step fails; `cluster-unavailable` when a machine
 * cannot be reached
 */
export async function prepareSandbox({ sandbox, exec, signal, log }: PrepareOptions): Promise<void> {
  const { id, definition, vars } = sandbox
  const { sys: namespace } = namespacesOf(id)
  const { lab, scripts } = definition
  const steps = lab.init ?? []
  const known = parsePreparation(sandbox.preparation)
  const running = new Set<string>()
  let storing: Promise<unknown> = Promise.resolve()
  const store = (done = false) => {
    const preparation: Preparation = { ...known, running: [...running], done }
    storing = storing.then(async () => {
      await db().sandbox.updateMany({ where: { id, state: 'provisioning' }, data: { preparation } })
      publish(`sandbox:${id}`)
    })
    return storing
  }
  const during = async <T>(title: string, work: () => Promise<T>): Promise<T> => {
    signal.throwIfAborted()
    running.add(title)
    await store()
    return work().finally(() => running.delete(title))
  }

  if (lab.files?.length && Object.keys(known.steps).length === 0) {
    await during(FILES_TITLE, () => placeFiles({ definition, exec, namespace, signal }))
  }

  const ends = new Map<string, Promise<void>>()
  const end = (step: Step): Promise<void> => {
    const begun = ends.get(step.id) ?? run(step)
    ends.set(step.id, begun)
    return begun
  }
  async function run({ id: name, title, needs, on, run: script, timeout }: Step): Promise<void> {
    await Promise.all(steps.filter((other) => needs.includes(other.id)).map(end))
    const before = known.steps[name]
    const ended = before && isGood(before) ? before : await during(title, () => runStep())
    known.steps[name] = ended
    await store()
    if (isGood(ended)) return
    log.warn({ sandboxId: id, step: name, ended }, 'an init step failed')
    throw new AppError('lab-unavailable', `init step ${name} of sandbox ${id} failed`, {
      userMessage: failedStepWords(title, ended),
    })

    function runStep(): Promise<StepEnd> {
      return runInMachine(exec, {
        id: `init/${name}`,
        namespace,
        machine: on ?? lab.machines[0]?.name ?? '',
        script: scripts[script] ?? '',
        env: scriptEnvironment({ vars }),
        timeoutMs: durationSeconds(timeout) * 1000,
        signal,
      })
    }
  }
  // All are waited for, so that nothing of ours runs on after a failure.
  const outcomes = await Promise.allSettled(steps.map(end))
  const failed = outcomes.find(({ status }) => status === 'rejected')
  if (failed?.status === 'rejected') throw failed.reason
  await store(true)
}

const PLACE_TRIES = 8
const PLACE_RETRY_MS = 250

async function placeFiles(options: {
  definition: LabDefinition
  exec: ExecPort
  namespace: string
  signal: AbortSignal
}): Promise<void> {
  const { definition, exec, namespace, signal } = options
  const byMachine = Map.groupBy(placedFiles(definition), ({ machine }) => machine)
  await Promise.all(
    [...byMachine].map(async ([pod, files]) => {
      // A container that runs may take another moment until one can be exec'd in it.
      const stream = await tried(() => ExaminerStream.open(exec, { namespace, pod }), signal)
      try {
        for (const file of files) {
          signal.throwIfAborted()
          await stream.place(file)
        }
      } finally {
        stream.close()
      }
    }),
  )
}

async function tried<T>(call: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await call()
    } catch (error) {
      if (tries === PLACE_TRIES) throw error
      await sleep(PLACE_RETRY_MS, undefined, { signal })
    }
  }
}
