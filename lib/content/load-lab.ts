import { dirname, join } from 'node:path/posix'
import { loadFiles } from '#lib/content/load-files.ts'
import { type ContentProblem, type Place, problemAt } from '#lib/content/problem.ts'
import { readContentFile } from '#lib/content/read-file.ts'
import type { ContentLab } from '#lib/content/types.ts'
import { parseYaml } from '#lib/content/yaml.ts'
import { labDigest } from '#lib/labs/digest.ts'
import { labSchema } from '#lib/labs/schema.ts'
import { scriptsOf } from '#lib/labs/scripts-of.ts'

const MAX_LAB_BYTES = 256 * 1024
const MAX_SCRIPT_BYTES = 64 * 1024

/** Reads a folder's `lab.yaml`, and the scripts and files it names. `file` is the path of `lab.yaml` below `root`. */
export async function loadLab(
  root: string,
  file: string,
  labId: string,
): Promise<{ lab: ContentLab; placeOf: (path: PropertyKey[]) => Place } | { problems: ContentProblem[] }> {
  const source = await readContentFile(root, file, MAX_LAB_BYTES)
  if ('problem' in source) return { problems: [source.problem] }
  const parsed = parseYaml(source.text, labSchema, { file })
  if ('problems' in parsed) return parsed

  const { value: lab, placeOf } = parsed
  const places = new Map([...scriptsOf(lab)].reverse().map(({ name, path }) => [name, path]))
  const names = [...places.keys()].sort()
  const read = await Promise.all(
    names.map((name) => readContentFile(root, join(dirname(file), name), MAX_SCRIPT_BYTES)),
  )
  const problems: ContentProblem[] = []
  const scripts: Record<string, string> = {}
  for (const [index, name] of names.entries()) {
    const script = read[index]
    if (!script) continue
    if ('text' in script) scripts[name] = script.text
    else {
      const { message, expected } = script.problem
      problems.push(problemAt(placeOf(places.get(name) ?? []), `${name}: ${message}`, { expected }))
    }
  }
  const files = lab.files && (await loadFiles(root, dirname(file), lab.files, placeOf))
  problems.push(...(files?.problems ?? []))
  if (problems.length > 0) return { problems }
  const definition = { lab, scripts, ...(files && { files: files.files }) }
  return { lab: { definition, digest: labDigest(labId, definition) }, placeOf }
}
