import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { openEgress } from './egress.ts'
import { exec, waitFor } from './exec.ts'
import { instanceAt } from './instance.ts'
import { runningState } from './state.ts'

/** Everything that is not named stays shut. */
const NOTHING_ELSE = ['0.0.0.0/0']

type Addresses = { host: string; inner: string; addresses: [string, string] }

/** Says "outside" to whoever asks by HTTP, on each port and on every address. Ends with its input. */
const SERVE = `
import { createServer } from 'node:http'
for (const port of JSON.parse(process.argv[1]))
  createServer((request, response) => response.end('outside\\n')).listen(port, '0.0.0.0')
process.stdin.on('end', () => process.exit()).resume()`

/**
 * A small internet for tests and proofs of labs: one machine beyond the host, with two addresses of the ranges that
 * RFC 5737 keeps for documentation, to which the cluster in `dataDir` gets a way. Everything goes with it.
 */
export class OutsideMachine implements AsyncDisposable {
  readonly addresses: [string, string]
  /** A third one, of a range that is nobody's in public (RFC 2544): the node's firewall does not open it. */
  readonly inner: string
  /** The host's own address on that side: the node lets it pass, and the host must not. */
  readonly host: string
  readonly #child: ChildProcess
  readonly #link: string

  private constructor(child: ChildProcess, link: string, { host, inner, addresses }: Addresses) {
    this.#child = child
    this.#link = link
    this.host = host
    this.inner = inner
    this.addresses = addresses
  }

  static async open(dataDir: string, ports: number[]): Promise<OutsideMachine> {
    const link = runningState(instanceAt(dataDir))?.link
    if (!link) throw new Error(`no cluster runs in ${dataDir}`)
    // Of its own for each cluster of a machine, as far as the ranges go.
    const block = (link.index % 64) * 4
    const [hostIp, ip, second] = [`203.0.113.${block + 1}`, `203.0.113.${block + 2}`, `198.51.100.${block + 2}`]
    const inner = `198.18.0.${block + 2}`
    const name = `ddout${link.index}`
    const args = ['--net', '--', process.execPath, '--input-type=module', '-e', SERVE, JSON.stringify(ports)]
    const child = spawn('unshare', args, { stdio: ['pipe', 'ignore', 'inherit'] })
    const machine = new OutsideMachine(child, name, { host: hostIp, inner, addresses: [ip, second] })
    const enter = (...command: string[]) => exec('nsenter', ['--target', `${child.pid}`, '--net', '--', ...command])
    try {
      const ownNetwork = () => exec('sh', ['-c', `[ /proc/${child.pid}/ns/net -ef /proc/self/ns/net ] && exit 1; true`])
      await waitFor('a network of its own', async () => (await ownNetwork()) === '', { timeoutMs: 10_000 })
      await exec('ip', ['link', 'add', name, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', `${child.pid}`])
      await exec('ip', ['address', 'add', `${hostIp}/30`, 'dev', name])
      await exec('ip', ['link', 'set', name, 'up'])
      for (const far of [second, inner]) {
        await exec('ip', ['route', 'add', `${far}/32`, 'via', ip, 'dev', name, 'onlink'])
      }
      await enter('ip', 'link', 'set', 'lo', 'up')
      await enter('ip', 'address', 'add', `${ip}/30`, 'dev', 'eth0')
      for (const far of [second, inner]) await enter('ip', 'address', 'add', `${far}/32`, 'dev', 'lo')
      await enter('ip', 'link', 'set', 'eth0', 'up')
      await openEgress(dataDir, { except: NOTHING_ELSE, also: [...machine.addresses, hostIp], through: [name] })
      const url = `http://${ip}:${ports.at(-1)}/`
      await waitFor('the machine outside', async () => (await fetch(url)).ok, { timeoutMs: 20_000 })
    } catch (error) {
      await machine[Symbol.asyncDispose]()
      throw error
    }
    return machine
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // By hand, as the kernel takes a moment after the namespace is gone, and the name may be wanted again.
    await exec('ip', ['link', 'delete', this.#link]).catch(() => undefined)
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await ended
  }
}
