import { loadCatalogue } from '#lib/content/load-catalogue.ts'
import { jsonSchema, SCHEMA_NAMES } from '#lib/content/reference/json-schema.ts'
import { referenceText } from '#lib/content/reference/reference.ts'
import { curriculumTable, loadCurriculum } from '#lib/content/validate/curriculum.ts'

/** Files of this repository that `npm run lab -- schema` writes, by their paths, as they should be. */
export async function generatedFiles(): Promise<Record<string, string>> {
  const schemas = SCHEMA_NAMES.map((name) => {
    return [`schemas/${name}.schema.json`, `${JSON.stringify(jsonSchema(name), null, 2)}\n`]
  })
  return {
    ...Object.fromEntries(schemas),
    'docs/reference/lab.md': referenceText(),
    'docs/curriculum.md': curriculumTable(await loadCurriculum('content'), await loadCatalogue('content')),
  }
}
