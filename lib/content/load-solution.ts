import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { renderMarkdown } from '#lib/content/markdown/render.ts'
import { type ContentProblem, problemAt } from '#lib/content/problem.ts'
import { readContentFile } from '#lib/content/read-file.ts'
import { strayVariables } from '#lib/content/script-variables.ts'
import type { Solution, SolutionStep } from '#lib/content/types.ts'
import type { Lab } from '#lib/labs/schema.ts'
import { placeOfStep } from '#lib/proof/place.ts'

const MAX_BYTES = 64 * 1024

/** Reads a challenge's `solution/`: `NN-<machine>[-<terminal>].sh` in order, and `README.md`, which says why it works. */
export async function loadSolution(
  root: string,
  folder: string,
  lab: Lab,
): Promise<{ solution: Solution; problems: ContentProblem[] }> {
  const problems: ContentProblem[] = []
  const steps: SolutionStep[] = []
  let text: Solution['text'] = null
  const names = await readdir(join(root, folder)).catch(() => [])
  for (const name of names.sort()) {
    const file = `${folder}/${name}`
    const read = await readContentFile(root, file, MAX_BYTES)
    if ('problem' in read) {
      problems.push(read.problem)
      continue
    }
    if (name === 'README.md') {
      const rendered = await renderMarkdown(read.text, { root, file, lab })
      problems.push(...rendered.problems)
      text = rendered.body
      continue
    }
    const typedIn = placeOfStep(name, lab)
    if (!typedIn) {
      const expected = `NN-<machine>[-<terminal>].sh with a machine of the lab (${lab.machines.map((one) => one.name).join(', ')}), or README.md`
      problems.push(problemAt({ file, line: 1, column: 1 }, `"${name}" is no step of a solution`, { expected }))
      continue
    }
    problems.push(...strayVariables(read.text, { file, lab }))
    steps.push({ ...typedIn, script: read.text })
  }
  if (steps.length === 0 && problems.length === 0) {
    const expected = 'at least one file such as solution/01-box.sh'
    problems.push(problemAt({ file: folder, line: 1, column: 1 }, 'there is no solution', { expected }))
  }
  return { solution: { steps, text }, problems }
}
