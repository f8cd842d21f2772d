import { spawnSync } from 'node:child_process'

/** Lines that belong together, as the shell reads them. `line` counts from 1. */
export type Statement = { line: number; text: string }

const UNFINISHED = /here-document|unexpected end of file|unexpected EOF/

/** What bash says of a statement: a heredoc, a quote or a loop may go on in the next line. */
function read(text: string): 'complete' | 'unfinished' | 'wrong' {
  if (/(?<!\\)(?:\\\\)*\\$/.test(text)) return 'unfinished'
  const { stderr, error } = spawnSync('bash', ['-c', 'LC_ALL=C exec bash -n'], { input: `${text}\n`, encoding: 'utf8' })
  if (error) throw error
  if (stderr === '') return 'complete'
  return UNFINISHED.test(stderr) ? 'unfinished' : 'wrong'
}

/**
 * Splits a script into statements; `own` takes a line between two of them for itself. Empty lines and comments are none.
 * Resolves with the line at which a statement begins that never ends, or null.
 */
export function splitStatements(
  script: string,
  own: (text: string, line: number) => boolean,
  statement: (statement: Statement) => void,
): { unfinished: number | null } {
  let open: Statement | null = null
  for (const [index, text] of script.split('\n').entries()) {
    const line = index + 1
    if (!open && (own(text, line) || text.trim() === '' || /^\s*#/.test(text))) continue
    const whole: Statement = open ? { ...open, text: `${open.text}\n${text}` } : { line, text }
    // What bash calls wrong is typed all the same: a lesson may show its message.
    open = read(whole.text) === 'unfinished' ? whole : null
    if (!open) statement(whole)
  }
  return { unfinished: open?.line ?? null }
}
