import type { VarValues } from '#lib/labs/vars.ts'

/** `my-name` → `MY_NAME` */
const upper = (name: string): string => name.toUpperCase().replace(/[^A-Z0-9]/g, '_')

/**
 * What a script of a lab finds in its environment: `VAR_<NAME>`, `NEED_<TASK>_<NAME>` and `ANSWER`, names in upper case
 * with `_` for anything else. Where two needs give one name (`a` and `a-b`), the first keeps it.
 * @param needs what the needed tasks said by `value`, by task
 */
export function scriptEnvironment({
  vars = {},
  needs = {},
  answer,
}: {
  vars?: VarValues
  needs?: Record<string, Record<string, string>>
  answer?: string
}): Record<string, string> {
  const environment: Record<string, string> = {}
  for (const [name, value] of Object.entries(vars)) environment[`VAR_${upper(name)}`] = String(value)
  for (const [task, values] of Object.entries(needs)) {
    for (const [name, value] of Object.entries(values)) environment[`NEED_${upper(task)}_${upper(name)}`] ??= value
  }
  return answer === undefined ? environment : { ...environment, ANSWER: answer }
}
