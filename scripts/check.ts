/** `npm run check`: all that needs no database and no cluster, in under two minutes. */
import { sum } from './tiers/counts.ts'
import { staticTiers } from './tiers/static.ts'
import { renderCount, runTiers } from './tiers/tier.ts'

const stopping = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort())
const total = sum(await runTiers(staticTiers, stopping.signal, console.log))
console.log(`\n${renderCount(total)}`)
process.exitCode = total.failed > 0 || stopping.signal.aborted ? 1 : 0
