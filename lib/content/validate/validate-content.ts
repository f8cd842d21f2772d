import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { loadCatalogue } from '#lib/content/load-catalogue.ts'
import { loadLab } from '#lib/content/load-lab.ts'
import { type ContentProblem, problemAt } from '#lib/content/problem.ts'
import { readContentFile } from '#lib/content/read-file.ts'
import { strayVariables } from '#lib/content/script-variables.ts'
import { coverageProblems, loadCurriculum } from '#lib/content/validate/curriculum.ts'
import { lintLab } from '#lib/content/validate/lint-lab.ts'
import { shellcheck } from '#lib/content/validate/shellcheck.ts'
import { type LabProof, loadProofs } from '#lib/proof/load-proof.ts'

const MAX_BYTES = 256 * 1024
/** Misconceptions that each task has to tell from its solution. */
const WRONG_PER_TASK = 2

export type Validation = {
  /** Labs that were looked at. */
  labs: number
  problems: ContentProblem[]
  /** What should be better, and must be in what ships. */
  warnings: ContentProblem[]
  /** false: the tool is not installed. */
  shellchecked: boolean
}

/**
 * All that can be said of content without a sandbox: everything that `loadCatalogue` and the proof's loader refuse, and what
 * scripts, evidence, misconceptions and the curriculum promise. `below`: only what lies in this folder of `root`.
 */
export async function validateContent(root: string, below = ''): Promise<Validation> {
  const within = (file: string) => below === '' || file === below || file.startsWith(`${below}/`)
  const catalogue = await loadCatalogue(root)
  const { proofs, problems } = await loadProofs(root, catalogue, below)
  const found = [...catalogue.problems, ...problems]
  const warnings: ContentProblem[] = []
  const scripts: string[] = []
  for (const proof of proofs) {
    found.push(...(await labProblems(root, proof)))
    warnings.push(...missingWrong(proof))
    scripts.push(...Object.keys(proof.lab.definition.scripts).map((name) => `${proof.folder}/${name}`))
  }
  const curriculum = await loadCurriculum(root)
  const coverage = coverageProblems(curriculum, catalogue)
  const told = await shellcheck(root, scripts)
  return {
    labs: proofs.length,
    problems: unique([...found, ...(told ?? []), ...coverage.problems].filter(({ file }) => within(file))),
    warnings: unique([...warnings, ...(below === '' ? coverage.warnings : [])]),
    shellchecked: told !== null,
  }
}

async function labProblems(root: string, { id, folder, solution, wrong }: LabProof): Promise<ContentProblem[]> {
  const lab = await loadLab(root, `${folder}/lab.yaml`, id)
  if ('problems' in lab) return lab.problems
  const name = existsSync(join(root, folder, 'lesson.md')) ? 'lesson.md' : 'challenge.md'
  const [text = '', ...typed] = await Promise.all(
    [`${folder}/${name}`, ...solution.map(({ file }) => file), ...wrong.map(({ script }) => script.file)].map(
      async (file) => {
        const read = await readContentFile(root, file, MAX_BYTES)
        return 'text' in read ? read.text : ''
      },
    ),
  )
  const { definition } = lab.lab
  return [
    ...lintLab({
      folder,
      definition,
      placeOf: lab.placeOf,
      text,
      solution: typed.slice(0, solution.length).join('\n'),
    }),
    ...wrong.flatMap(({ script: { file } }, index) =>
      strayVariables(typed[solution.length + index] ?? '', { file, lab: definition.lab }),
    ),
    ...(solution.length > 0 && name === 'lesson.md'
      ? solution.flatMap(({ file }, index) => strayVariables(typed[index] ?? '', { file, lab: definition.lab }))
      : []),
  ]
}

function missingWrong({ folder, lab, wrong }: LabProof): ContentProblem[] {
  return lab.definition.lab.tasks.flatMap(({ id }) => {
    const count = wrong.filter(({ task }) => task === id).length
    if (count >= WRONG_PER_TASK) return []
    const place = { file: `${folder}/wrong`, line: 1, column: 1 }
    const expected = `${WRONG_PER_TASK} files such as wrong/${id}--a-misconception.sh`
    return [problemAt(place, `"${id}" is told from ${count} misconceptions`, { expected })]
  })
}

/** In the order of the files; a mistake that both loaders see is one. */
const unique = (problems: ContentProblem[]): ContentProblem[] =>
  [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()].sort(
    (a, b) => a.file.localeCompare(b.file, 'en') || a.line - b.line || a.column - b.column,
  )
