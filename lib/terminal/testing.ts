import { randomUUID } from 'node:crypto'
import { AGENT_PATH, MACHINE_CONTAINER } from '#lib/sandbox/names.ts'
import type { ExecPort } from '#lib/terminal/exec-port.ts'
import { createDeframer, lengthPrefixed } from '#lib/terminal/framing.ts'
import { decodeServer, encodeClient, SERVER_PAYLOAD_MAX_BYTES } from '#lib/terminal/protocol.ts'

/** A learner's terminal for tests, opened as the gateway opens it: what is typed runs in their namespaces. */
export async function openTestTerminal(exec: ExecPort, namespace: string, name = 'main', pod = 'box') {
  const target = { namespace, pod, container: MACHINE_CONTAINER }
  const command = [AGENT_PATH, 'attach', '--terminal', name, '--client', randomUUID(), '--cols', '80', '--rows', '24']
  let seq = 0
  let output = ''
  const read = createDeframer(1 + SERVER_PAYLOAD_MAX_BYTES, (message) => {
    const frame = decodeServer(message)
    if (frame.type !== 'output') return
    output += Buffer.from(frame.bytes).toString()
    stream?.write(lengthPrefixed(encodeClient({ type: 'ack', offset: frame.offset + frame.bytes.length })))
  })
  let stream: Awaited<ReturnType<ExecPort['open']>> | undefined
  stream = await exec.open(target, command, { onStdout: read, onEnd: () => {} })
  return {
    output: () => output,
    close: () => stream.close(),
    /** Types a line. */
    type: (line: string) => {
      const bytes = Buffer.from(`${line}\n`)
      stream.write(lengthPrefixed(encodeClient({ type: 'input', seq, bytes })))
      seq += bytes.length
    },
  }
}
