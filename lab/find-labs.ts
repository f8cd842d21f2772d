import { existsSync, statSync } from 'node:fs'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { loadCatalogue } from '#lib/content/load-catalogue.ts'
import { formatProblem } from '#lib/content/problem.ts'
import { type LabProof, loadProofs } from '#lib/proof/load-proof.ts'

/** The content folder that a path belongs to, and the path below it: it holds `challenges` or `courses`. */
export function contentRoot(path: string): { root: string; below: string } {
  const full = resolve(path)
  if (!existsSync(full)) throw new Error(`there is no ${path}`)
  const start = statSync(full).isDirectory() ? full : dirname(full)
  for (let folder = start; ; folder = dirname(folder)) {
    if (['challenges', 'courses'].includes(basename(folder))) {
      const root = dirname(folder)
      return { root, below: relative(root, start).split(sep).join('/') }
    }
    if (['challenges', 'courses'].some((name) => existsSync(join(folder, name)))) return { root: folder, below: '' }
    if (dirname(folder) === folder)
      throw new Error(`${path} is in no content folder: a lab lies in challenges/<id> or courses/<course>/<NN-lesson>`)
  }
}

/** The labs in these folders: a lab's own, a course's, or a whole content folder. @throws with each mistake in them */
export async function findLabs(paths: string[]): Promise<LabProof[]> {
  const found = new Map<string, LabProof>()
  const mistakes: string[] = []
  for (const path of paths) {
    const { root, below } = contentRoot(path)
    const catalogue = await loadCatalogue(root)
    const { proofs, problems } = await loadProofs(root, catalogue, below)
    const here = catalogue.problems.filter(({ file }) => below === '' || file === below || file.startsWith(`${below}/`))
    mistakes.push(...[...here, ...problems].map(formatProblem))
    if (proofs.length === 0 && mistakes.length === 0) mistakes.push(`${path}: there is no lab here`)
    for (const proof of proofs) found.set(join(root, proof.folder), proof)
  }
  if (mistakes.length > 0) throw new Error(mistakes.join('\n'))
  return [...found.values()]
}
