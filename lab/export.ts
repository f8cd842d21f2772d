import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Command } from '#lab/command.ts'
import { writeBundle } from '#lab/pack.ts'
import { folderOf } from '#lib/content/folder-of.ts'
import { loadCatalogue } from '#lib/content/load-catalogue.ts'
import { closest } from '#lib/labs/closest.ts'

const HELP = `npm run lab -- export ID [-o FILE] [--content FOLDER]
Gives a lesson or challenge of the catalogue back as a bundle. ID as in its address: challenges/two-namespaces.`

export const run: Command = async (args) => {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      output: { type: 'string', short: 'o' },
      content: { type: 'string', default: 'content' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  const [id] = positionals
  if (values.help || !id) {
    console.log(HELP)
    return values.help ? 0 : 2
  }
  const { lessons, challenges } = await loadCatalogue(values.content)
  const items = [...lessons, ...challenges]
  const item = items.find((each) => each.id === id)
  if (!item) {
    const meant = closest(
      id,
      items.map((each) => each.id),
    )
    console.log(`there is no "${id}"${meant ? `; did you mean ${meant}?` : ''}`)
    return 1
  }
  return writeBundle(join(values.content, folderOf(item)), values.output ?? `${item.slug}.tar.gz`)
}
