import type { Attack, Outcome } from '#attack/attack.ts'
import type { Answer, Box } from '#attack/box.ts'
import type { ControlKind } from '#attack/control-pod.ts'

/** What each control has off, in the table's words. */
export const CONTROL_WORDS: Record<ControlKind, string> = {
  open: 'no NetworkPolicy',
  privileged: 'a privileged pod',
  node: 'a privileged pod with the node’s processes and network',
  roomy: 'wider limits',
}

/** The convention of all probes: exit code 0 says that the attack worked; the last line says what was seen. */
function outcomeOf({ code, output }: Answer): Outcome {
  if (code === null) throw new Error(`it did not end: ${lastLine(output)}`)
  return { worked: code === 0, seen: lastLine(output) || `exit code ${code}` }
}

const lastLine = (text: string) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .findLast((line) => line !== '') ?? ''

export const runScript = async (box: Box, script: string, timeoutMs = 30_000): Promise<Outcome> =>
  outcomeOf(await box.run(script, { timeoutMs }))

/** An attack that is one Bash script: in the learner's shell, and in the control's container of the same image. */
export function scripted(options: {
  name: string
  script: string
  control: ControlKind
  from?: Attack['from']
}): Attack {
  const { name, script, control, from } = options
  return {
    name,
    control: CONTROL_WORDS[control],
    ...(from && { from }),
    attempt: async (range, profile) => runScript((await range.subject(profile)).box, script),
    proof: async (range, profile) => runScript((await range.control(control, profile)).box, script),
  }
}
