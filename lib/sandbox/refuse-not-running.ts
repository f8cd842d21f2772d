import { AppError } from '#lib/errors.ts'
import { isUsable, type SandboxState } from '#lib/sandbox/states.ts'

type Row = { id: string; state: SandboxState; reason: string | null }

/** @throws AppError `conflict` while the sandbox is being made, `gone` after, with words for its user */
export function refuseNotRunning({ id, state, reason }: Row): void {
  if (isUsable(state)) return
  const made = state === 'queued' || state === 'provisioning'
  throw new AppError(made ? 'conflict' : 'gone', `sandbox ${id} is ${state}`, {
    userMessage: made ? 'The machine is still being made.' : (reason ?? 'This machine has ended.'),
  })
}
