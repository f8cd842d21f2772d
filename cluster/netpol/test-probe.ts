import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { adminClient } from '../api-client.ts'
import { exec, waitFor } from '../exec.ts'
import { instanceAt } from '../instance.ts'
import { nodeCommand, runningState } from '../state.ts'
import type { ComponentStatus } from '../supervisor.ts'
import { CNI_RESULTS, parseAttachment } from './attachments.ts'

/** Whose network a program is to have: a pod's, or the node's. */
export type Place = { ip: string; link: string; enter: (...command: string[]) => string[] }
export type Target = { host: string; port: number; udp?: boolean; from?: string }

const LIMIT = { timeoutMs: 20_000 }

/** The embedded cluster that KUBECONFIG leads to; null where it leads to another. */
export function embeddedCluster() {
  const dataDir = dirname(process.env.KUBECONFIG ?? '')
  const state = runningState(instanceAt(dataDir))
  if (!state) return null
  const { nodeIp, hostIp } = state.link
  const pki = join(dataDir, 'pki')
  // Not into the node's processes, where nsenter would have to fork: what is killed is then the program itself.
  const enter = (...command: string[]) => [
    'nsenter',
    '--target',
    `${state.node.pid}`,
    '--mount',
    '--net',
    '--',
    ...command,
  ]
  const netpol = () => {
    const all = JSON.parse(readFileSync(join(dataDir, 'components.json'), 'utf8')) as ComponentStatus[]
    return all.find(({ name }) => name === 'netpol')
  }
  return {
    client: adminClient(`https://${nodeIp}:6443`, pki),
    pki,
    hostIp,
    node: { ip: nodeIp, link: 'eth0', enter } satisfies Place,
    netpol,
    /** Sends a signal to the process that enforces policies. */
    async signal(signal: 'KILL' | 'STOP' | 'CONT'): Promise<void> {
      const [command = '', ...args] = nodeCommand(state, ['kill', `-${signal}`, `${netpol()?.pid}`])
      await exec(command, args)
    },
  }
}
export type EmbeddedCluster = NonNullable<ReturnType<typeof embeddedCluster>>

/** Waits until CNI has given a pod its network. */
export async function placeOf({ client, node }: EmbeddedCluster, namespace: string, name: string): Promise<Place> {
  const pod = await client.getJson<{ metadata: { uid: string } }>(`/api/v1/namespaces/${namespace}/pods/${name}`)
  const results = () => shell(node, `for f in ${CNI_RESULTS}/*; do cat "$f"; echo; done`)
  const find = async () => {
    for (const line of (await results()).split('\n')) {
      const { podUid, ip, link } = parseAttachment(line) ?? {}
      if (!ip || !link || podUid !== pod?.metadata.uid) continue
      const { netns } = JSON.parse(line) as { netns: string }
      const enter = (...command: string[]) => node.enter('nsenter', `--net=${netns}`, '--', ...command)
      return { ip, link, enter }
    }
    return null
  }
  return waitFor(`the address of ${name}`, find, LIMIT)
}

export function shell(place: Place, script: string): Promise<string> {
  const [command = '', ...args] = place.enter('sh', '-ec', script)
  return exec(command, args, LIMIT)
}

const javaScript = (place: Place, code: string, argument: unknown) =>
  place.enter(process.execPath, '--input-type=module', '-e', code, JSON.stringify(argument))

const TRY = `
import { createSocket } from 'node:dgram'
import { connect } from 'node:net'
const answers = ({ host, port, udp, from }) => new Promise((resolve) => {
  setTimeout(resolve, 1500, false)
  const yes = () => resolve(true)
  const no = () => resolve(false)
  if (!udp) return connect({ host, port, localAddress: from }).on('connect', yes).on('error', no)
  const socket = createSocket('udp4').on('message', yes).on('error', no)
  socket.bind(0, from, () => socket.send('hello', port, host))
})
console.log(JSON.stringify(await Promise.all(JSON.parse(process.argv[1]).map(answers))))
process.exit()`

/** Which of the targets answer. */
export async function answers<K extends string>(place: Place, targets: Record<K, Target>): Promise<Record<K, boolean>> {
  const [command = '', ...args] = javaScript(place, TRY, Object.values(targets))
  const each = JSON.parse(await exec(command, args, LIMIT)) as boolean[]
  return Object.fromEntries(Object.keys(targets).map((name, index) => [name, each[index]])) as Record<K, boolean>
}

/** Echoes over TCP and UDP; over UDP once, and to "stream" for ever. Says each thing it hears. */
const SERVE = `
import { createSocket } from 'node:dgram'
import { createServer } from 'node:net'
const { tcp = [], udp = [] } = JSON.parse(process.argv[1])
for (const port of tcp) createServer((socket) => socket.on('error', () => {}).pipe(socket)).listen(port, '0.0.0.0')
for (const port of udp) {
  const socket = createSocket('udp4')
  socket.on('message', (message, { port, address }) => {
    const answer = () => socket.send(message, port, address, () => {})
    console.log(String(message))
    answer()
    if (String(message) === 'stream') setInterval(answer, 20)
  })
  socket.bind(port, '0.0.0.0')
}
console.log('ready')`

/** One connection, over which something comes fifty times a second: over TCP as echo, over UDP unasked. */
const STREAM = `
import { createSocket } from 'node:dgram'
import { connect } from 'node:net'
const { host, port, udp } = JSON.parse(process.argv[1])
const heard = () => console.log('heard')
if (udp) {
  const socket = createSocket('udp4').on('message', heard)
  socket.send('stream', port, host)
} else {
  const socket = connect({ host, port }).on('data', heard)
  setInterval(() => socket.write('x'), 20)
}`

/** A program in somebody's network, until it is disposed of. */
export class Program implements Disposable {
  readonly #child: ChildProcess
  /** Lines it has said. */
  said = 0

  constructor(place: Place, code: string, argument: unknown) {
    // The end of its input ends it, so that none outlives a test that is killed.
    const bound = `${code}\nprocess.stdin.on('end', () => process.exit()).resume()`
    const [command = '', ...args] = javaScript(place, bound, argument)
    this.#child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    if (this.#child.stdout) createInterface({ input: this.#child.stdout }).on('line', () => this.said++)
  }

  static async serve(place: Place, ports: { tcp?: number[]; udp?: number[] }): Promise<Program> {
    const program = new Program(place, SERVE, ports)
    await program.speaks()
    return program
  }

  static stream = (place: Place, target: Target): Program => new Program(place, STREAM, target)

  async speaks(): Promise<void> {
    const before = this.said
    await waitFor('a word', () => this.said > before, LIMIT)
  }

  async fallsSilent(): Promise<void> {
    let last = -1
    const silent = () => {
      const before = last
      last = this.said
      return before === last
    }
    await waitFor('silence', silent, { ...LIMIT, intervalMs: 400 })
  }

  [Symbol.dispose](): void {
    this.#child.kill('SIGKILL')
  }
}
