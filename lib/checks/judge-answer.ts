import type { VerdictWord } from '#lib/checks/evaluate.ts'
import type { Task } from '#lib/labs/schema.ts'
import { fillVars } from '#lib/labs/template.ts'
import type { VarValues } from '#lib/labs/vars.ts'

export const NOT_ANSWERED = 'Not answered yet.'

/** Judges what was typed by the lab alone. The evidence echoes only that, never what would be right. */
export function judgeAnswer(
  check: NonNullable<Task['check']['answer']>,
  typed: string,
  vars: VarValues,
): { verdict: VerdictWord; evidence: string } {
  const form = (text: string) => {
    const trimmed = text.trim()
    return check.ignoreCase ? trimmed.toLocaleLowerCase('en') : trimmed
  }
  const right = [...(check.oneOf ?? []), ...(check.equals === undefined ? [] : [check.equals])]
  const passes = right.some((one) => form(fillVars(one, vars)) === form(typed))
  return passes
    ? { verdict: 'pass', evidence: `“${typed}” is right.` }
    : { verdict: 'not-yet', evidence: `“${typed}” is not it.` }
}
