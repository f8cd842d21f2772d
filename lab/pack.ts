import { writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { Command } from '#lab/command.ts'
import { contentRoot } from '#lab/find-labs.ts'
import { packFolder } from '#lib/content/bundle/pack.ts'
import { formatProblem } from '#lib/content/problem.ts'
import { validateContent } from '#lib/content/validate/validate-content.ts'

const HELP = `npm run lab -- pack FOLDER [-o FILE]
Writes a lesson or a challenge without a mistake into one file, FOLDER's name and .tar.gz where none is named, and prints its SHA-256.`

export const run: Command = async (args) => {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { output: { type: 'string', short: 'o' }, help: { type: 'boolean', short: 'h' } },
  })
  const [folder] = positionals
  if (values.help || !folder) {
    console.log(HELP)
    return values.help ? 0 : 2
  }
  const { root, below } = contentRoot(folder)
  const { problems, labs } = await validateContent(root, below)
  for (const problem of problems) console.log(formatProblem(problem))
  if (problems.length > 0 || labs > 1) {
    console.log(labs > 1 ? `${folder} holds ${labs} labs; name one` : 'Nothing was written.')
    return 1
  }
  return writeBundle(join(root, below), values.output ?? `${basename(resolve(folder))}.tar.gz`)
}

/** Packs a folder and says what came of it. */
export async function writeBundle(folder: string, file: string): Promise<0> {
  const { bytes, digest, files } = await packFolder(folder)
  await writeFile(file, bytes)
  console.log(`${file}: ${files} files, ${bytes.length} bytes, sha256:${digest}`)
  return 0
}
