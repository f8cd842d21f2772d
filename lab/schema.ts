import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Command } from '#lab/command.ts'
import { generatedFiles } from '#lib/content/reference/generated-files.ts'

/** Writes what is generated from the schema and the content: JSON Schemas, the reference, the curriculum's table. */
export const run: Command = async () => {
  for (const [file, text] of Object.entries(await generatedFiles())) {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
    console.log(file)
  }
  return 0
}
