import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type ContentProblem, problemAt } from '#lib/content/problem.ts'
import { folderDigest } from '#lib/content/proof-record.ts'
import { readContentFile } from '#lib/content/read-file.ts'
import type { Catalogue, ContentLab, Lesson } from '#lib/content/types.ts'
import { closest } from '#lib/labs/closest.ts'
import type { Lab } from '#lib/labs/schema.ts'
import { firstPlace, placeOfStep } from '#lib/proof/place.ts'
import { parseScript, type Script } from '#lib/proof/script.ts'

const MAX_BYTES = 64 * 1024
const WRONG = /^(?<task>[a-z][a-z0-9-]*?)--[a-z0-9-]+\.sh$/

/** A misconception: what is typed, which task must not pass, and a part of what the learner must be told. */
export type Wrong = { script: Script; task: string; evidence: string }

/** A hidden fault of a scene, the task that shows it, and what mends it where `mend/<scene>--<fault>.sh` says so. */
export type Mend = { scene: string; fault: string; mended: string; script: Script | null }

/** Everything that proves a lab. */
export type LabProof = {
  id: string
  /** Below the content folder, with `/`. */
  folder: string
  lab: ContentLab
  /** Of the whole folder: text, lab, scripts, figures. */
  digest: string
  lesson: Lesson | null
  solution: Script[]
  wrong: Wrong[]
  mends: Mend[]
}

/** The folder of a lesson or challenge, below the content folder. */
function folderOf(item: { id: string; order?: number }): string {
  if (item.order === undefined) return item.id
  return item.id.replace(/\/([^/]+)$/, `/${String(item.order).padStart(2, '0')}-$1`)
}

/** The proofs of all labs whose folder is `below` (`''`: all), and what is wrong with their scripts. */
export async function loadProofs(
  root: string,
  { lessons, challenges }: Pick<Catalogue, 'lessons' | 'challenges'>,
  below: string,
): Promise<{ proofs: LabProof[]; problems: ContentProblem[] }> {
  const problems: ContentProblem[] = []
  const proofs: LabProof[] = []
  for (const item of [...challenges, ...lessons]) {
    const folder = folderOf(item)
    if (!item.lab || !(below === '' || folder === below || folder.startsWith(`${below}/`))) continue
    const { lab } = item.lab.definition
    const solution = await loadSolution(root, folder, lab)
    const wrong = await loadWrong(root, folder, lab)
    const mends = await loadMends(root, folder, lab)
    problems.push(...solution.problems, ...wrong.problems, ...mends.problems)
    proofs.push({
      id: item.id,
      folder,
      lab: item.lab,
      digest: await folderDigest(join(root, folder)),
      lesson: item.kind === 'lesson' ? item : null,
      solution: solution.scripts,
      wrong: wrong.wrong,
      mends: mends.mends,
    })
  }
  return { proofs, problems }
}

async function loadSolution(root: string, folder: string, lab: Lab) {
  const problems: ContentProblem[] = []
  const scripts: Script[] = []
  for (const name of await scriptsIn(root, `${folder}/solution`)) {
    const file = `${folder}/solution/${name}`
    const place = placeOfStep(name, lab)
    const read = await readContentFile(root, file, MAX_BYTES)
    if ('problem' in read) problems.push(read.problem)
    else if (!place) {
      const expected = `NN-<machine>[-<terminal>].sh with a machine of the lab (${lab.machines.map((one) => one.name).join(', ')})`
      problems.push(problemAt({ file, line: 1, column: 1 }, `"${name}" is no step of a solution`, { expected }))
    } else {
      const parsed = parseScript(read.text, { file, lab, place })
      problems.push(...parsed.problems)
      scripts.push(parsed.script)
    }
  }
  if (scripts.length === 0 && problems.length === 0) {
    const expected = 'at least one file such as solution/01-box.sh'
    problems.push(problemAt({ file: `${folder}/solution`, line: 1, column: 1 }, 'there is no solution', { expected }))
  }
  return { scripts, problems }
}

async function loadWrong(root: string, folder: string, lab: Lab) {
  const problems: ContentProblem[] = []
  const wrong: Wrong[] = []
  const known = lab.tasks.map(({ id }) => id)
  for (const name of await scriptsIn(root, `${folder}/wrong`)) {
    const file = `${folder}/wrong/${name}`
    const refuse = (message: string, expected: string, suggestion: string | null = null) =>
      void problems.push(problemAt({ file, line: 1, column: 1 }, message, { expected, suggestion }))
    const task = WRONG.exec(name)?.groups?.task
    if (task === undefined) {
      refuse(`"${name}" names no misconception`, '<task>--<misconception>.sh')
      continue
    }
    if (!known.includes(task)) {
      refuse(`there is no task "${task}"`, `one of ${known.join(', ')}`, closest(task, known))
      continue
    }
    const read = await readContentFile(root, file, MAX_BYTES)
    if ('problem' in read) {
      problems.push(read.problem)
      continue
    }
    const { script, evidence, problems: mistakes } = parseScript(read.text, { file, lab, place: firstPlace(lab) })
    problems.push(...mistakes)
    if (evidence === null) refuse('it does not say what the learner reads', '#@ evidence <a part of it>')
    else wrong.push({ script, task, evidence })
  }
  return { wrong, problems }
}

async function loadMends(root: string, folder: string, lab: Lab) {
  const problems: ContentProblem[] = []
  const mends: Mend[] = Object.entries(lab.scenes ?? {}).flatMap(([scene, faults]) =>
    faults.map(({ id, mended }) => ({ scene, fault: id, mended, script: null })),
  )
  const names = mends.map(({ scene, fault }) => `${scene}--${fault}.sh`)
  for (const name of await scriptsIn(root, `${folder}/mend`)) {
    const file = `${folder}/mend/${name}`
    const mend = mends[names.indexOf(name)]
    const read = await readContentFile(root, file, MAX_BYTES)
    if ('problem' in read) problems.push(read.problem)
    else if (!mend) {
      const expected = `<scene>--<fault>.sh: ${names.join(', ') || 'the lab has no scenes'}`
      const place = { file, line: 1, column: 1 }
      problems.push(problemAt(place, `"${name}" mends nothing`, { expected, suggestion: closest(name, names) }))
    } else {
      const parsed = parseScript(read.text, { file, lab, place: firstPlace(lab) })
      problems.push(...parsed.problems)
      mend.script = parsed.script
    }
  }
  return { mends, problems }
}

const scriptsIn = async (root: string, folder: string) =>
  (await readdir(join(root, folder)).catch(() => [])).filter((name) => name.endsWith('.sh')).sort()
