import { execFileSync } from 'node:child_process'
import { cpus, totalmem } from 'node:os'

/** An arm of a bench, or its last line, which has `goal` and `pass`. */
export type Line = { bench: string } & Record<string, unknown>

const told: Line[] = []

/** Prints one line of a result, for people and programs alike, and keeps it for the report. */
export function tell(line: Line): void {
  told.push(line)
  console.log(JSON.stringify(line))
}

export const toldLines = (): readonly Line[] => told

/** All results as Markdown: one section for each bench, its arms as a table. Pure. */
export function renderReport(lines: readonly Line[], about: Record<string, string>): string {
  const sections = Object.entries(Object.groupBy(lines, ({ goal, bench }) => (goal ? '' : bench)))
  const verdicts = lines.filter(({ goal }) => goal)
  const head = Object.entries(about).map(([name, value]) => `- ${name}: ${value}`)
  return [
    '# Measured',
    'Written by `npm run bench -- all`. Arms take turns (A B B A), what warms up is left out; ratios are the goal, as absolute times on a shared machine are noise. `loadavg` is the machine’s own.',
    head.join('\n'),
    ...verdicts.flatMap(({ bench, goal, pass, ...rest }) => {
      const arms = sections.find(([name]) => name === bench)?.[1] ?? []
      return [`## ${goal}: ${bench}, ${pass ? 'met' : 'missed'}`, words(rest), table(arms)]
    }),
  ]
    .filter(Boolean)
    .join('\n\n')
    .concat('\n')
}

const words = (values: Record<string, unknown>) =>
  Object.entries(values)
    .map(([name, value]) => `- ${name}: ${text(value)}`)
    .join('\n')

function table(arms: Line[]): string {
  const names = [...new Set(arms.flatMap(Object.keys))].filter((name) => name !== 'bench' && name !== 'node')
  if (names.length === 0) return ''
  const row = (cells: string[]) => `| ${cells.join(' | ')} |`
  return [
    row(names),
    row(names.map(() => '---')),
    ...arms.map((arm) => row(names.map((name) => text(arm[name])))),
  ].join('\n')
}

function text(value: unknown): string {
  if (value === undefined || value === null) return ''
  if (Array.isArray(value)) return value.map(text).join(' ')
  if (typeof value === 'object')
    return Object.entries(value)
      .map(([name, each]) => `${name} ${text(each)}`)
      .join(', ')
  return String(value).replaceAll('|', '\\|')
}

/** On what, and of which state of the code, the figures are. */
export function aboutThisRun(): Record<string, string> {
  const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8' }).trim()
  const changed = git('status', '--porcelain', '--untracked-files=no') ? ', with changes' : ''
  const [cpu] = cpus()
  return {
    date: new Date().toISOString().slice(0, 10),
    commit: git('rev-parse', '--short', 'HEAD') + changed,
    machine: `${cpus().length} × ${cpu?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB`,
    node: process.version,
  }
}
