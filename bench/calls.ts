import { type ApiCall, auditFolder, readCalls, watchesOpenAt } from '#bench/audit-log.ts'
import { kubectl } from '#bench/kubectl.ts'
import type { Platform } from '#bench/platform.ts'
import { tell } from '#bench/report.ts'
import { endSandbox, SandboxPage, startSandbox } from '#bench/sandbox.ts'
import { machine as host, percentile } from '#bench/stats.ts'
import { openTerminal } from '#bench/terminal.ts'

/** G13 of design/goals.md: calls for a start, up to the prompt and the first verdict; watches of one kind in the process. */
const GOAL = { callsPerStart: 15, watchesPerKind: 1 }
const LABS = { root: 'challenges/two-namespaces', kubernetes: 'challenges/three-helpers' }

/** The user must have no live sandbox, and nobody else may use the platform meanwhile. */
export type CallsContext = Platform & { repeats: number }

/**
 * Starts labs one after the other and counts in the API server's audit log what the platform asked meanwhile. What it
 * asks whether anybody starts or not is told apart: whether the server answers, and lists and watches of all namespaces.
 */
export async function run(ctx: CallsContext): Promise<boolean> {
  const folder = auditFolder(ctx.kubeconfig)
  const { username } = JSON.parse(await kubectl(ctx, ['auth', 'whoami', '-o', 'json'])).status.userInfo
  let worst = 0
  let watches: Record<string, number> = {}
  for (const [profile, labId] of Object.entries(LABS)) {
    await start(ctx, labId)
    const starts: { calls: ApiCall[]; shared: ApiCall[] }[] = []
    for (let time = 0; time < Math.max(3, ctx.repeats); time++) {
      const { from, to } = await start(ctx, labId)
      const calls = readCalls(folder, { username, since: from }).filter(({ at }) => at <= to)
      starts.push({ calls: calls.filter((call) => !isShared(call)), shared: calls.filter(isShared) })
      watches = watchesOpenAt(readCalls(folder, { username, since: 0 }), to)
    }
    const counts = starts.map(({ calls }) => calls.length)
    worst = Math.max(worst, ...counts)
    tell({
      bench: 'calls',
      ...host(),
      arm: `start of ${labId}`,
      n: counts.length,
      p50: percentile(counts, 0.5),
      max: Math.max(...counts),
      shared: percentile(
        starts.map(({ shared }) => shared.length),
        0.5,
      ),
      calls: tally(starts.at(-1)?.calls ?? []),
      profile,
    })
  }
  tell({ bench: 'calls', arm: 'watches', open: watches })
  const seen = { callsPerStart: worst, watchesPerKind: Math.max(0, ...Object.values(watches)) }
  const pass = seen.callsPerStart <= GOAL.callsPerStart && seen.watchesPerKind === GOAL.watchesPerKind
  tell({ bench: 'calls', goal: 'G13', seen, limit: GOAL, pass })
  return pass
}

/** From the click until there is a prompt and every task was judged that can be. Times in ms since 1970. */
async function start(ctx: CallsContext, labId: string): Promise<{ from: number; to: number }> {
  const from = Date.now()
  const { id } = await startSandbox(ctx, labId)
  try {
    using page = new SandboxPage(ctx, id)
    const { machines } = await page.ready()
    const terminal = await openTerminal(ctx, id, machines[0])
    await page.until(({ tasks }) => tasks.every(({ verdict }) => verdict !== null))
    terminal.close()
    return { from, to: Date.now() }
  } finally {
    await endSandbox(ctx, id)
  }
}

/** Asked for all sandboxes together, however many there are. */
const isShared = ({ verb, path, namespace }: ApiCall) =>
  path === '/version' || (!namespace && (verb === 'list' || verb === 'watch'))

const tally = (calls: ApiCall[]): Record<string, number> =>
  Object.fromEntries(
    Object.entries(Object.groupBy(calls, ({ verb, resource }) => `${verb} ${resource}`))
      .map(([name, same]) => [name, same?.length ?? 0] as const)
      .sort(([a], [b]) => a.localeCompare(b)),
  )
