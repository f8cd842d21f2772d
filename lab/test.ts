import { parseArgs } from 'node:util'
import type { Command } from '#lab/command.ts'
import { findLabs } from '#lab/find-labs.ts'
import { openLabPlatform } from '#lab/platform.ts'
import { PATIENCE } from '#lib/proof/player.ts'
import { runProofs } from '#lib/proof/run-proofs.ts'

export const run: Command = async (args, signal) => {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: '1' },
      'at-once': { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  const proofs = await findLabs(positionals)
  await using platform = await openLabPlatform(() => {}, signal)
  const results = await runProofs(proofs, {
    port: platform.port,
    patience: PATIENCE,
    signal,
    atOnce: Number(values['at-once'] ?? 4),
    rounds: Number(values.rounds),
    onStep: () => {},
    onResult: ({ ok, labId, name, seconds, failure }) =>
      console.log(
        `${ok ? 'ok    ' : 'FAILED'} ${labId} · ${name} (${seconds.toFixed(1)} s)${failure ? `\n${failure.message}\n${failure.detail}` : ''}`,
      ),
  })
  return results.every(({ ok }) => ok) ? 0 : 1
}
