import { randomUUID } from 'node:crypto'
import type { Session } from '#bench/sandbox.ts'
import type { SandboxView } from '#lib/sandbox/view.ts'
import { TerminalSession } from '#lib/terminal/client.ts'
import { connectFromNode } from '#lib/terminal/node-socket.ts'

/** A class that starts together on a small node waits. */
const SHELL_TIMEOUT_MS = 60_000

export type Terminal = {
  type: (text: string) => void
  /** Calls back with all output from now on; returns how to stop. */
  hear: (onBytes: (bytes: Uint8Array) => void) => () => void
  close: () => void
}

/** The first terminal of a machine, by the page's way. Resolves when its shell has said something. */
export async function openTerminal(
  session: Session,
  sandboxId: string,
  machine: SandboxView['machines'][number] | undefined,
): Promise<Terminal> {
  const terminal = machine?.terminals[0]
  if (!machine || !terminal) throw new Error('the lab has no terminal')
  const hearers = new Set<(bytes: Uint8Array) => void>()
  const spoke = Promise.withResolvers<void>()
  const place = { sandbox: sandboxId, machine: machine.name, terminal, client: randomUUID() }
  const client = new TerminalSession({
    connect: connectFromNode({ ...session, ...place }),
    preflight: async () => null,
    onOutput: (bytes, replayed, parsed) => {
      spoke.resolve()
      if (!replayed) for (const hear of hearers) hear(bytes)
      parsed()
    },
    onAttached: () => {},
    onExit: () => {},
    onNotice: () => {},
    onState: (state) => {
      if (state.kind === 'ended') spoke.reject(new Error(`the terminal ended: ${state.code} ${state.reason}`))
    },
    size: { cols: 80, rows: 24 },
  })
  client.start()
  const close = () => client.stop()
  try {
    await inTime(spoke.promise, 'the shell', SHELL_TIMEOUT_MS)
  } catch (error) {
    close()
    throw error
  }
  return {
    type: (text) => void client.input(Buffer.from(text)),
    hear: (onBytes) => {
      hearers.add(onBytes)
      return () => void hearers.delete(onBytes)
    },
    close,
  }
}

/** Types a line and resolves when `mark` is among what came out after it. */
export async function typeUntil(terminal: Terminal, line: string, mark: string, timeoutMs?: number): Promise<void> {
  const seen = Promise.withResolvers<void>()
  let text = ''
  const stop = terminal.hear((bytes) => {
    text = (text + Buffer.from(bytes).toString('latin1')).slice(-4000)
    if (text.includes(mark)) seen.resolve()
  })
  terminal.type(`${line}\r`)
  try {
    await inTime(seen.promise, `"${mark}" in the terminal`, timeoutMs)
  } finally {
    stop()
  }
}

/** Rejects when `promise` takes longer than `timeoutMs`. */
export function inTime<T>(promise: Promise<T>, what: string, timeoutMs = 10_000): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`${what} did not come in time`)), timeoutMs)
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}
