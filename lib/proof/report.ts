export type Failure = { message: string; detail: string }

/** What came of one case in one round. Times in seconds; null where it did not come so far. */
export type CaseResult = {
  labId: string
  name: string
  /** Counts from 1. */
  round: number
  failure: Failure | null
  seconds: number
  readySeconds: number | null
  /** From ready to solved. */
  solvedSeconds: number | null
  /** Of a mutant: why the lab may be solved without what was dropped. */
  survives: string | null
  /** What the learner was told last, by task. */
  evidence: Record<string, string>
}

export type LabSummary = {
  labId: string
  passed: number
  failed: number
  /** Names of cases that passed in one round and failed in another. */
  flakes: string[]
  /** Medians. */
  readySeconds: number | null
  solvedSeconds: number | null
}

/** What one lab's results come to, in the order of the labs. */
export function summarise(results: CaseResult[]): LabSummary[] {
  const labs = Map.groupBy(results, ({ labId }) => labId)
  return [...labs].map(([labId, all]) => {
    const failed = all.filter(({ failure }) => failure !== null)
    const names = new Set(failed.map(({ name }) => name))
    const flakes = [...names].filter((name) => all.some((one) => one.name === name && one.failure === null))
    return {
      labId,
      passed: all.length - failed.length,
      failed: failed.length,
      flakes,
      readySeconds: median(all.flatMap(({ readySeconds }) => readySeconds ?? [])),
      solvedSeconds: median(all.flatMap(({ solvedSeconds }) => solvedSeconds ?? [])),
    }
  })
}

function median(values: number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? null
}

export type RunReport = {
  /** ISO. */
  at: string
  /** The cluster's version. */
  kubernetes: string
  rounds: number
  atOnce: number
  seconds: number
  labs: LabSummary[]
  results: CaseResult[]
}

/** JUnit's XML, one suite a lab: what CI systems read. */
export function junit(results: CaseResult[]): string {
  const suites = [...Map.groupBy(results, ({ labId }) => labId)].map(([labId, all]) => {
    const cases = all.map(({ name, round, seconds, failure }) => {
      const title = round > 1 ? `${name} (round ${round})` : name
      const open = `    <testcase classname="${escapeXml(labId)}" name="${escapeXml(title)}" time="${seconds.toFixed(3)}"`
      if (!failure) return `${open}/>`
      return `${open}>\n      <failure message="${escapeXml(failure.message)}">${escapeXml(failure.detail)}</failure>\n    </testcase>`
    })
    const failures = all.filter(({ failure }) => failure).length
    return `  <testsuite name="${escapeXml(labId)}" tests="${all.length}" failures="${failures}">\n${cases.join('\n')}\n  </testsuite>`
  })
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join('\n')}\n</testsuites>\n`
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' }

/** Terminals print what XML cannot say at all: control characters, and halves of pairs. */
function escapeXml(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
}
