import { lstat, readFile, realpath } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { type ContentProblem, problemAt } from '#lib/content/problem.ts'

export type ReadResult = { text: string } | { problem: ContentProblem }

/**
 * Reads a text file below the content folder. Refuses what is missing, not a plain file, reached through a symbolic
 * link, larger than `maxBytes`, outside the folder, or not UTF-8. `file` is relative to `root`, with `/`.
 */
export async function readContentFile(root: string, file: string, maxBytes: number): Promise<ReadResult> {
  const refuse = (message: string, expected: string) => ({
    problem: problemAt({ file, line: 1, column: 1 }, message, { expected }),
  })
  const full = join(root, file)
  const status = await lstat(full).catch(() => null)
  if (!status) return refuse('the file is missing', 'a text file')
  const real = relative(await realpath(root), await realpath(full).catch(() => root))
  if (status.isSymbolicLink() || real.split(sep).join('/') !== file) {
    return refuse('the file is reached through a link', 'a plain file in its own folder')
  }
  if (!status.isFile()) return refuse('this is not a file', 'a text file')
  if (status.size > maxBytes) return refuse(`the file has ${status.size} bytes`, `at most ${maxBytes} bytes`)
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(await readFile(full)) }
  } catch {
    return refuse('the file is not UTF-8 text', 'UTF-8')
  }
}
