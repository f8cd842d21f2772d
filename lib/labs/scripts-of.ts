import type { LabPath } from '#lib/labs/broken-rule.ts'
import type { Lab } from '#lib/labs/schema.ts'

/** Every script that a lab names, with where it does; one that is named twice comes twice. */
export function* scriptsOf(lab: Lab): Generator<{ name: string; path: LabPath }> {
  for (const [index, { check }] of lab.tasks.entries()) {
    if (check.run !== undefined) yield { name: check.run, path: ['tasks', index, 'check', 'run'] }
  }
  for (const [task, hints] of Object.entries(lab.hints)) {
    for (const [index, hint] of hints.entries()) {
      if (typeof hint !== 'string') yield { name: hint.when, path: ['hints', task, index, 'when'] }
    }
  }
  for (const [index, { run }] of (lab.init ?? []).entries()) yield { name: run, path: ['init', index, 'run'] }
  for (const [scene, faults] of Object.entries(lab.scenes ?? {})) {
    for (const [index, { run }] of faults.entries()) yield { name: run, path: ['scenes', scene, index, 'run'] }
  }
}
