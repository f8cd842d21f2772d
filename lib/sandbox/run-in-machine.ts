import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '#lib/errors.ts'
import { AGENT_PATH, MACHINE_CONTAINER } from '#lib/sandbox/names.ts'
import { type StepEnd, stepEnd } from '#lib/sandbox/preparation.ts'
import type { ExecPort } from '#lib/terminal/exec-port.ts'

export type MachineScript = {
  /** Under one id a machine runs one script, once: who asks again is told how it ended. */
  id: string
  namespace: string
  machine: string
  script: string
  env: Record<string, string>
  timeoutMs: number
  signal: AbortSignal
}

/** The agent ends a script at its time-out and says so; this much later nobody is there to say it. */
const GRACE_MS = 10_000
const MAX_ANSWER_BYTES = 64 * 1024
/** The agent is not listening yet (agent/README.md, exit codes). */
const NO_HOLDER = 4
const TRIES = 50
const RETRY_MS = 200

/**
 * Runs a script in a machine as its root (where it has one), by `agent run`: for what prepares or breaks it, never for
 * checks. Rejects with `signal`, by which the script is not ended. Resolves with how it ended, whatever that was.
 * @throws AppError `cluster-unavailable` when that cannot be known
 */
export async function runInMachine(exec: ExecPort, options: MachineScript): Promise<StepEnd> {
  for (let tries = 1; ; tries++) {
    const outcome = await once(exec, options)
    if (outcome !== 'not-listening') return outcome
    if (tries === TRIES) throw new AppError('cluster-unavailable', `no agent listens in ${options.machine}`)
    await sleep(RETRY_MS, undefined, { signal: options.signal })
  }
}

async function once(exec: ExecPort, options: MachineScript): Promise<StepEnd | 'not-listening'> {
  const { id, namespace, machine, script, env, timeoutMs, signal } = options
  signal.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<StepEnd | 'not-listening'>()
  const failed = (why: string) => new AppError('cluster-unavailable', `a script in ${machine}: ${why}`)
  let said = Buffer.alloc(0)
  const target = { namespace, pod: machine, container: MACHINE_CONTAINER }
  const stream = await exec.open(target, [AGENT_PATH, 'run'], {
    onStdout: (bytes) => {
      if (said.length < MAX_ANSWER_BYTES) said = Buffer.concat([said, bytes])
    },
    onEnd: ({ exitCode, message }) => {
      if (exitCode === NO_HOLDER) return resolve('not-listening')
      try {
        resolve(stepEnd(JSON.parse(said.toString('utf8'))))
      } catch {
        reject(failed(`the agent gave no answer (${exitCode ?? message})`))
      }
    },
  })
  const timer = setTimeout(() => reject(failed('the agent does not answer')), timeoutMs + GRACE_MS)
  const abort = () => reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  try {
    stream.write(Buffer.from(`${JSON.stringify({ id, script, env, timeoutMs })}\n`))
    return await promise
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', abort)
    stream.close()
  }
}
