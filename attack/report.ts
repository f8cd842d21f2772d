import type { Result } from '#attack/attack.ts'

const HEAD = ['attack', 'profile', 'control', 'seen'] as const
/** Of what was seen: the rest is in the JSON file. */
const SEEN_CHARS = 100

/** One line, without what a terminal would obey. */
const clean = (text: string) =>
  text
    .replaceAll(/[\p{Cc}\p{Cf}]+/gu, ' ')
    .trim()
    .slice(0, SEEN_CHARS)

/** The results as a Markdown table, each group under its name; rows that did not hold say so first. */
export function table(results: Result[]): string {
  const rows = results.map(({ group, attack, profile, control, verdict, seen }) => [
    `${group}: ${attack}`,
    profile,
    control,
    verdict === 'held' ? clean(seen) : `${verdict} ${clean(seen)}`,
  ])
  const widths = HEAD.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  return [line(HEAD), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n')
}

/** How many of each verdict; `clean` only when something was tried and all of it held. */
export function tally(results: Result[]) {
  const count = (verdict: Result['verdict']) => results.filter((result) => result.verdict === verdict).length
  const [held, escapes, voids] = [count('held'), count('ESCAPE'), count('void')]
  return { held, escapes, voids, clean: held > 0 && escapes === 0 && voids === 0 }
}
