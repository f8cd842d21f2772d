import { dirname, join } from 'node:path/posix'
import type { ContentProblem } from '#lib/content/problem.ts'
import { readContentFile } from '#lib/content/read-file.ts'
import type { ContentLab } from '#lib/content/types.ts'
import { parseYaml } from '#lib/content/yaml.ts'
import { labDigest } from '#lib/labs/digest.ts'
import { labSchema } from '#lib/labs/schema.ts'

const MAX_LAB_BYTES = 256 * 1024
const MAX_SCRIPT_BYTES = 64 * 1024

/** Reads a folder's `lab.yaml` and the check scripts it names. `file` is the path of `lab.yaml` below `root`. */
export async function loadLab(
  root: string,
  file: string,
  labId: string,
): Promise<{ lab: ContentLab } | { problems: ContentProblem[] }> {
  const source = await readContentFile(root, file, MAX_LAB_BYTES)
  if ('problem' in source) return { problems: [source.problem] }
  const parsed = parseYaml(source.text, labSchema, { file })
  if ('problems' in parsed) return parsed

  const lab = parsed.value
  const names = [...new Set(lab.tasks.flatMap((task) => task.check.run ?? []))].sort()
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
      const task = lab.tasks.findIndex(({ check }) => check.run === name)
      const { line, column } = parsed.placeOf(['tasks', task, 'check', 'run'])
      problems.push({ ...script.problem, file, line, column, message: `${name}: ${script.problem.message}` })
    }
  }
  if (problems.length > 0) return { problems }
  const definition = { lab, scripts }
  return { lab: { definition, digest: labDigest(labId, definition) } }
}
