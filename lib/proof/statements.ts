import { spawnSync } from 'node:child_process'

/** Lines that belong together, as the shell reads them. `line` counts from 1. */
export type Statement = { line: number; text: string }

/** A string that ends where it began, and nothing of it is read by the shell. */
const STRING = /'[^']*'|"[^"$`\\]*"/g
/** What may go on in the next line; without it bash need not be asked, which takes its time on a busy machine. */
const MAY_GO_ON = /['"`\\(){}]|<<|(?:\||&&)\s*$|\b(?:for|while|until|if|case|select|function)\b/
const WANTED = /here-document.*wanted `(.*)'/
const UNFINISHED = /unexpected end of file|unexpected EOF|syntax error: unexpected end/

/** What bash says of a statement: whether it goes on in the next line, and in a heredoc, up to which one. */
function read(text: string): { unfinished: boolean; until: string | null } {
  const finished = { unfinished: false, until: null }
  if (!MAY_GO_ON.test(text.replace(STRING, ''))) return finished
  if (/(?<!\\)(?:\\\\)*\\$/.test(text)) return { unfinished: true, until: null }
  // Node's stdin for it is a socket, by which bash takes itself for one that rshd started, and reads ~/.bashrc.
  const asked = spawnSync('bash', ['--norc', '-c', 'LC_ALL=C exec bash -n'], { input: `${text}\n`, encoding: 'utf8' })
  if (asked.error) throw asked.error
  const until = WANTED.exec(asked.stderr)?.[1] ?? null
  // What bash calls wrong is typed all the same: a lesson may show its message.
  return until !== null || UNFINISHED.test(asked.stderr) ? { unfinished: true, until } : finished
}

/**
 * Splits a script into statements; `own` takes a line between two of them for itself. Empty lines and comments are none.
 * Returns the line at which a statement begins that never ends, or null.
 */
export function splitStatements(
  script: string,
  own: (text: string, line: number) => boolean,
  statement: (statement: Statement) => void,
): { unfinished: number | null } {
  let open = null as (Statement & { until: string | null }) | null
  for (const [index, text] of script.split('\n').entries()) {
    const line = index + 1
    if (!open && (own(text, line) || text.trim() === '' || /^\s*#/.test(text))) continue
    const whole: Statement = open ? { line: open.line, text: `${open.text}\n${text}` } : { line, text }
    // A heredoc is long, and only one line can end it.
    const within: boolean = open?.until != null && text.replace(/^\t+/, '') !== open.until
    const { unfinished, until }: ReturnType<typeof read> = within
      ? { unfinished: true, until: open?.until ?? null }
      : read(whole.text)
    open = unfinished ? { ...whole, until } : null
    if (!open) statement(whole)
  }
  return { unfinished: open?.line ?? null }
}
