import { z } from 'zod'
import { AppError } from '#lib/errors.ts'
import { AGENT_PATH, EXAMINER_CONTAINER } from '#lib/sandbox/names.ts'
import type { ExecPort, ExecStream } from '#lib/terminal/exec-port.ts'

/** One check to run: the script's source, not its path. See agent/PROTOCOL.md, `examine`. */
export type CheckRequest = { script: string; env: Record<string, string>; args: string[]; timeoutMs: number }

const resultSchema = z.object({
  verdict: z.enum(['pass', 'not-yet', 'broken']),
  evidence: z.string(),
  durationMs: z.number(),
  values: z.record(z.string(), z.string()).default({}),
  detail: z.string().default(''),
})
const lineSchema = z.object({ id: z.string(), pong: z.boolean().optional(), version: z.string().optional() })

const placedSchema = z.object({ placed: z.boolean().default(false), error: z.string().default('') })

export type CheckResult = z.output<typeof resultSchema>

/** A line longer than this is no answer of the agent's. */
const MAX_LINE_BYTES = 256 * 1024
/** The agent ends a check at its time-out and says so; this much later nobody is there to say it. */
const GRACE_MS = 3000
const PLACE_MS = 15_000

type Pending = { settle: (line: unknown) => void; fail: (error: Error) => void; timer: NodeJS.Timeout }

/** `agent examine` in one machine's examiner: checks in, verdicts out, several at a time. */
export class ExaminerStream {
  readonly #pending = new Map<string, Pending>()
  #exec: ExecStream | undefined
  #rest = Buffer.alloc(0)
  #nextId = 1
  #ended: Error | undefined

  /** @throws AppError when the pod cannot be reached */
  static async open(exec: ExecPort, where: { namespace: string; pod: string }): Promise<ExaminerStream> {
    const stream = new ExaminerStream()
    const target = { ...where, container: EXAMINER_CONTAINER }
    stream.#exec = await exec.open(target, [AGENT_PATH, 'examine'], {
      onStdout: (bytes) => stream.#read(bytes),
      onEnd: ({ exitCode, message }) => stream.#end(`the examiner ended (${exitCode ?? message})`),
    })
    return stream
  }

  get ended(): boolean {
    return this.#ended !== undefined
  }

  /** The agent's version, for the record of every verdict. */
  async version(): Promise<string> {
    const answer = lineSchema.parse(await this.#ask({ op: 'ping' }, GRACE_MS))
    return answer.version ?? 'unknown'
  }

  /** Resolves with the verdict; rejects when the stream ends or stays silent, which says nothing about the learner. */
  async run(request: CheckRequest): Promise<CheckResult> {
    return resultSchema.parse(await this.#ask({ op: 'run', ...request }, request.timeoutMs + GRACE_MS))
  }

  /** Puts a file into the machine. @throws AppError `lab-unavailable` when it cannot be written */
  async place({ path, mode, base64 }: { path: string; mode: number; base64: string }): Promise<void> {
    const answer = placedSchema.parse(await this.#ask({ op: 'place', path, mode, data: base64 }, PLACE_MS))
    if (answer.placed) return
    throw new AppError('lab-unavailable', `${path} could not be placed: ${answer.error}`, {
      userMessage:
        'A file of this lab could not be put into your machine. That was not your doing; its author can mend it.',
    })
  }

  close(): void {
    this.#end('closed')
  }

  #ask(request: { op: string } & Record<string, unknown>, timeoutMs: number): Promise<unknown> {
    if (this.#ended) return Promise.reject(this.#ended)
    const id = `${this.#nextId++}`
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    const timer = setTimeout(() => this.#end('the examiner does not answer'), timeoutMs)
    this.#pending.set(id, { settle: resolve, fail: reject, timer })
    this.#exec?.write(Buffer.from(`${JSON.stringify({ id, ...request })}\n`))
    return promise
  }

  #read(bytes: Uint8Array): void {
    this.#rest = Buffer.concat([this.#rest, bytes])
    for (let end = this.#rest.indexOf(10); end >= 0; end = this.#rest.indexOf(10)) {
      const line = this.#rest.subarray(0, end).toString('utf8')
      this.#rest = this.#rest.subarray(end + 1)
      this.#line(line)
    }
    if (this.#rest.length > MAX_LINE_BYTES) this.#end('the examiner sent a line without an end')
  }

  #line(text: string): void {
    let answer: unknown
    try {
      answer = JSON.parse(text)
    } catch {
      this.#end('the examiner sent a line that is not JSON')
      return
    }
    const { data } = lineSchema.safeParse(answer)
    const pending = data && this.#pending.get(data.id)
    if (!data || !pending) return
    this.#pending.delete(data.id)
    clearTimeout(pending.timer)
    pending.settle(answer)
  }

  #end(why: string): void {
    if (this.#ended) return
    const error = new AppError('cluster-unavailable', why)
    this.#ended = error
    for (const { fail, timer } of this.#pending.values()) {
      clearTimeout(timer)
      fail(error)
    }
    this.#pending.clear()
    this.#exec?.close()
  }
}
