import { type Count, failure } from './counts.ts'

/** A kind of checks with a name for `--only`, and what it counts when it has run. */
export type Tier = {
  name: string
  title: string
  /** What hangs fails after this time. */
  limitMinutes?: number
  run: (signal: AbortSignal) => Promise<Count>
}

const LIMIT_MINUTES = 10
/** A tier that takes longer says that it is at work. */
const STILL_AT_WORK_MS = 30_000

/** Lines of a failure that are shown; the rest is in the tool's own output. */
const SHOWN_LINES = 60

const indent = (text: string) => {
  const lines = text.trimEnd().split('\n')
  const shown =
    lines.length > SHOWN_LINES ? [...lines.slice(0, SHOWN_LINES), `… ${lines.length - SHOWN_LINES} lines more`] : lines
  return shown.map((line) => `    ${line}`).join('\n')
}

export function renderCount({ passed, failed, skipped }: Count): string {
  return [`${passed} passed`, ...(failed ? [`${failed} failed`] : []), ...(skipped ? [`${skipped} skipped`] : [])].join(
    ', ',
  )
}

/**
 * Runs tiers one after the other, whatever becomes of each, and prints what they came to. A tier that throws could not
 * run: that is one failure.
 */
export async function runTiers(tiers: Tier[], signal: AbortSignal, print: (line: string) => void): Promise<Count[]> {
  const counts: Count[] = []
  for (const tier of tiers) {
    if (signal.aborted) break
    const since = performance.now()
    const seconds = () => `${((performance.now() - since) / 1000).toFixed(1)} s`
    const limit = AbortSignal.timeout((tier.limitMinutes ?? LIMIT_MINUTES) * 60_000)
    const atWork = setInterval(() => print(`… ${tier.title} (${seconds()})`), STILL_AT_WORK_MS)
    const count = await tier
      .run(AbortSignal.any([signal, limit]))
      .catch((error: unknown) => failure(describeFailure(limit.aborted ? new Error('it took too long') : error)))
      .finally(() => clearInterval(atWork))
    if (signal.aborted) break
    counts.push(count)
    print(`${count.failed ? '✗' : '✓'} ${tier.title}: ${renderCount(count)} (${seconds()})`)
    for (const problem of count.problems) print(indent(problem))
  }
  return counts
}

function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const tail = 'tail' in error ? `\n${error.tail}` : ''
  const wayOut = 'wayOut' in error ? `\n${error.wayOut}` : ''
  return `could not run: ${error.message}${tail}${wayOut}`
}
