import { parseArgs } from 'node:util'
import type { Command } from '#lab/command.ts'
import { unpackFile } from '#lib/content/bundle/unpack.ts'

const HELP = `npm run lab -- unpack FILE FOLDER [--force]
Unpacks a bundle into a folder of its own, e.g. content/challenges/its-name. --force replaces what is in the folder.`

export const run: Command = async (args) => {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { force: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h' } },
  })
  const [file, folder] = positionals
  if (values.help || !file || !folder) {
    console.log(HELP)
    return values.help ? 0 : 2
  }
  const files = await unpackFile(file, folder, { force: values.force })
  console.log(`${folder}: ${files} files. What is in it is somebody else's: npm run lab -- validate ${folder}`)
  return 0
}
