import { parseArgs } from 'node:util'
import type { Command } from '#lab/command.ts'
import { contentRoot } from '#lab/find-labs.ts'
import { formatProblem } from '#lib/content/problem.ts'
import { validateContent } from '#lib/content/validate/validate-content.ts'

const HELP = `npm run lab -- validate PATH… [--strict]
Says what is wrong with content, without a sandbox: FILE:LINE:COLUMN: what; what was expected; what was meant.
PATH is a lab's folder, a course, or a content folder. --strict: warnings are mistakes, as they are for what ships.`

export const run: Command = async (args) => {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { strict: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  })
  if (values.help || positionals.length === 0) {
    console.log(HELP)
    return values.help ? 0 : 2
  }
  const began = performance.now()
  let labs = 0
  let wrong = 0
  for (const path of positionals) {
    const { root, below } = contentRoot(path)
    const found = await validateContent(root, below)
    labs += found.labs
    for (const problem of found.problems) console.log(formatProblem(problem))
    for (const problem of found.warnings) console.log(`${values.strict ? '' : 'warning: '}${formatProblem(problem)}`)
    wrong += found.problems.length + (values.strict ? found.warnings.length : 0)
    if (!found.shellchecked) console.log('shellcheck is not installed: scripts were not looked at')
  }
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  console.log(
    `${labs} ${labs === 1 ? 'lab' : 'labs'}, ${wrong === 0 ? 'no mistake' : `${wrong} ${wrong === 1 ? 'mistake' : 'mistakes'}`} (${seconds} s)`,
  )
  return wrong === 0 ? 0 : 1
}
