import { connect, type Socket } from 'node:net'
import type { ExecPort, ExecTarget } from '#lib/terminal/exec-port.ts'

/** Exec whose `agent dial` is a TCP connection to a port of this machine: the address's own, whatever its host. */
export class FakeDial {
  opened: { target: ExecTarget; command: string[] }[] = []
  readonly live = new Set<Socket>()
  paused = 0
  /** For all that is opened from now on. */
  fails: Error | null = null

  readonly exec: ExecPort = {
    open: async (target, command, { onStdout, onEnd }) => {
      this.opened.push({ target, command })
      if (this.fails) throw this.fails
      const port = Number(command.at(-1)?.split(':').at(-1))
      const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
      this.live.add(socket)
      let exitCode = 0
      socket.on('data', onStdout)
      socket.on('error', (error: NodeJS.ErrnoException) => {
        exitCode = error.code === 'ECONNREFUSED' ? 3 : 1
      })
      socket.on('end', () => socket.destroy())
      socket.on('close', () => {
        this.live.delete(socket)
        onEnd({ exitCode, message: '' })
      })
      return {
        write: (bytes) => void socket.write(bytes),
        get bufferedBytes() {
          return socket.writableLength
        },
        endInput: () => void socket.end(),
        pause: () => {
          this.paused++
          socket.pause()
        },
        resume: () => void socket.resume(),
        close: () => void socket.destroy(),
      }
    },
  }
}
