import { type ContentProblem, problemAt } from '#lib/content/problem.ts'
import { closest } from '#lib/labs/closest.ts'
import type { Lab } from '#lib/labs/schema.ts'

/** Variables that a typed script names (`{{ vars.name }}`) and the lab does not declare. */
export function strayVariables(script: string, { file, lab }: { file: string; lab: Lab }): ContentProblem[] {
  const known = Object.keys(lab.vars ?? {})
  return script.split('\n').flatMap((text, index) =>
    [...text.matchAll(/\{\{\s*vars\.(?<name>[^\s{}]*)/g)].flatMap((match) => {
      const { name = '' } = match.groups ?? {}
      if (known.includes(name)) return []
      const place = { file, line: index + 1, column: match.index + 1 }
      const expected = known.length > 0 ? `one of: ${known.join(', ')}` : 'a name under vars in lab.yaml'
      const suggestion = closest(name, known)
      return [problemAt(place, `the lab declares no variable "${name}"`, { expected, suggestion })]
    }),
  )
}
