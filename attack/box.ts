import { setTimeout as sleep } from 'node:timers/promises'
import { MACHINE_CONTAINER } from '#lib/sandbox/names.ts'
import type { ExecPort } from '#lib/terminal/exec-port.ts'
import { openTestTerminal } from '#lib/terminal/testing.ts'

export type Answer = { code: number | null; output: string }
/** A place in which Bash runs: a learner's own shell, or a control's container. */
export type Box = { run: (script: string, options?: { timeoutMs?: number }) => Promise<Answer> }
export type Place = { namespace: string; pod: string }

const TIMEOUT_MS = 30_000
/** Of what a probe says, the end. */
const OUTPUT_CHARS = 64 * 1024

/** Tries until it does not throw. */
export async function eventually<T>(attempt: () => Promise<T>, timeoutMs = 60_000): Promise<T> {
  for (const deadline = Date.now() + timeoutMs; ; await sleep(100)) {
    try {
      return await attempt()
    } catch (error) {
      if (Date.now() > deadline) throw error
    }
  }
}

/** Runs a command in a machine's container, outside of the learner's namespaces. Ends with code null when it is too long. */
export async function execIn(
  exec: ExecPort,
  place: Place,
  command: string[],
  { input = '', timeoutMs = TIMEOUT_MS }: { input?: string | Buffer; timeoutMs?: number } = {},
): Promise<Answer> {
  const { promise, resolve } = Promise.withResolvers<Answer>()
  let output = ''
  const keep = (bytes: Uint8Array) => {
    output = (output + Buffer.from(bytes).toString()).slice(-OUTPUT_CHARS)
  }
  const stream = await exec.open({ ...place, container: MACHINE_CONTAINER }, command, {
    onStdout: keep,
    onStderr: keep,
    onEnd: ({ exitCode }) => resolve({ code: exitCode, output }),
  })
  const timer = setTimeout(() => stream.close(), timeoutMs)
  if (input.length > 0) stream.write(Buffer.from(input))
  return promise.finally(() => clearTimeout(timer))
}

/** Writes an executable file in a machine's container; the learner sees it as their own. */
export async function putFile(exec: ExecPort, place: Place, path: string, content: string | Buffer): Promise<void> {
  const bytes = Buffer.from(content)
  const command = ['/bin/sh', '-c', 'head -c "$1" >"$2" && chmod 755 "$2"', 'sh', `${bytes.length}`, path]
  const { code, output } = await execIn(exec, place, command, { input: bytes })
  if (code !== 0) throw new Error(`${path} could not be written: ${output}`)
}

/** A control's container, by exec. */
export const controlBox = (exec: ExecPort, place: Place): Box => ({
  run: (script, options) => execIn(exec, place, ['/bin/bash', '-c', script], options),
})

/** A learner's box: what is run is typed into their own terminal, so that it runs in their namespaces and as they are. */
export async function learnerBox(
  exec: ExecPort,
  place: Place,
  terminalName = 'main',
): Promise<Box & { close: () => void }> {
  const open = () => openTestTerminal(exec, place.namespace, terminalName, place.pod)
  const terminal = await eventually(open)
  let count = 0
  let last: Promise<unknown> = Promise.resolve()
  const run = async (script: string, { timeoutMs = TIMEOUT_MS } = {}): Promise<Answer> => {
    const id = `${terminalName}-${count++}`
    const file = `/tmp/attack-${id}`
    await putFile(exec, place, file, script)
    const from = terminal.output().length
    // The echo of what is typed holds quotes, which the answer does not.
    terminal.type(` echo "[""${id}]"; bash ${file} 2>&1 </dev/null | tail -c 16000; echo "<""${id}:\${PIPESTATUS[0]}>"`)
    const answered = new RegExp(`\\[${id}\\]\\r?\\n([\\s\\S]*)<${id}:(\\d+)>`)
    for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; await sleep(20)) {
      const [, output, code] = answered.exec(terminal.output().slice(from)) ?? []
      if (output !== undefined) return { code: Number(code), output: output.replaceAll('\r\n', '\n') }
    }
    terminal.type('\u0003')
    return { code: null, output: terminal.output().slice(from).slice(-2000) }
  }
  return {
    close: terminal.close,
    // One after the other, as a person types.
    run: (script, options) => {
      const next = last.then(() => run(script, options))
      last = next.catch(() => {})
      return next
    },
  }
}
