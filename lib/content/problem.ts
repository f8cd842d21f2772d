/** Something an author has to mend, at its place. `line` and `column` count from 1. */
export type ContentProblem = {
  /** Path below the content folder, with `/`. */
  file: string
  line: number
  column: number
  /** What is wrong. */
  message: string
  /** What was expected instead, where that can be said. */
  expected: string | null
  /** What was probably meant, ready to be written in its place. */
  suggestion: string | null
}

/** A place in a file. */
export type Place = Pick<ContentProblem, 'file' | 'line' | 'column'>

export function problemAt(
  { file, line, column }: Place,
  message: string,
  rest: { expected?: string | null; suggestion?: string | null } = {},
): ContentProblem {
  return { file, line, column, message, expected: rest.expected ?? null, suggestion: rest.suggestion ?? null }
}

/** One line for a terminal or a log. */
export function formatProblem({ file, line, column, message, expected, suggestion }: ContentProblem): string {
  const tail = [expected && `expected ${expected}`, suggestion && `did you mean ${suggestion}?`].filter(Boolean)
  return [`${file}:${line}:${column}: ${message}`, ...tail].join('; ')
}
