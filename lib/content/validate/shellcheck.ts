import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import { type ContentProblem, problemAt } from '#lib/content/problem.ts'

const report = z.object({
  comments: z.array(
    z.object({ file: z.string(), line: z.number(), column: z.number(), code: z.number(), message: z.string() }),
  ),
})

/** What shellcheck says about bash scripts (paths below `root`); null where the tool is not installed. */
export async function shellcheck(root: string, files: string[]): Promise<ContentProblem[] | null> {
  if (files.length === 0) return []
  const args = ['--shell=bash', '--format=json1', ...files.map((file) => join(root, file))]
  const output = await promisify(execFile)('shellcheck', args, { maxBuffer: 16 * 1024 * 1024 }).catch(
    (error: { code?: unknown; stdout?: string }) => {
      if (error.code === 'ENOENT') return null
      if (error.code === 1 && error.stdout) return { stdout: error.stdout }
      throw error
    },
  )
  if (!output) return null
  const { comments } = report.parse(JSON.parse(output.stdout))
  return comments.map(({ file, line, column, code, message }) => {
    const below = files.find((each) => join(root, each) === file) ?? file
    return problemAt({ file: below, line, column }, `SC${code}: ${message}`)
  })
}
