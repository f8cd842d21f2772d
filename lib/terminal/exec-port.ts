/** Where a command runs. */
export type ExecTarget = { namespace: string; pod: string; container: string }

/** How a command ended: `exitCode` null when the transport broke or the cluster refused; `message` says why then. */
export type ExecStatus = { exitCode: number | null; message: string }

export type ExecHandlers = {
  onStdout: (bytes: Uint8Array) => void
  onStderr?: (bytes: Uint8Array) => void
  /** Called exactly once, whatever happens. */
  onEnd: (status: ExecStatus) => void
}

/** A running command's pipes. No TTY: bytes stay bytes. */
export type ExecStream = {
  write: (bytes: Uint8Array) => void
  /** Bytes written but not yet sent. */
  readonly bufferedBytes: number
  /** Ends the command's stdin; its output goes on. */
  endInput: () => void
  pause: () => void
  resume: () => void
  close: () => void
}

/** Runs commands in pods. Resolves when the stream is open; rejects with an AppError when it cannot be opened. */
export type ExecPort = { open: (target: ExecTarget, command: string[], handlers: ExecHandlers) => Promise<ExecStream> }
