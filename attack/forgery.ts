import { setTimeout as sleep } from 'node:timers/promises'
import { eventually, execIn, putFile } from '#attack/box.ts'
import { type Forgery, forgeryScript, NAIVE_AMONG, NAIVE_BY_EXEC } from '#attack/forgery-attacks.ts'
import type { Range } from '#attack/range.ts'
import type { CheckResult } from '#lib/checks/examiner-stream.ts'
import type { Lab } from '#lib/labs/schema.ts'
import { PROFILES, type ProfileName } from '#lib/sandbox/machine-profiles.ts'
import { openTestTerminal } from '#lib/terminal/testing.ts'

const NAIVE_TRIES = 20

export type Bench = Awaited<ReturnType<typeof openBench>>

/** A machine whose learner works on the judge. One for each run, as an attack leaves little whole. */
export async function openBench(range: Range, profile: ProfileName, lab?: Lab) {
  const subject = await range.spare(profile, lab)
  const { namespace, pod } = subject
  const place = { namespace, pod }
  const examiner = await range.examiner(place)
  const terminal = await eventually(() => openTestTerminal(range.exec, namespace, 'main', pod))
  return {
    profile,
    terminal,
    another: () => openTestTerminal(range.exec, namespace, 'aux', pod),
    judge: (script: string): Promise<CheckResult> => examiner.run({ script, env: {}, args: [], timeoutMs: 10_000 }),
    /** Runs a command in the learner's container, beside the agent. */
    exec: (command: string[]) => execIn(range.exec, place, command),
    put: (path: string, content: string | Buffer) => putFile(range.exec, place, path, content),
    [Symbol.asyncDispose]: async () => {
      examiner.close()
      terminal.close()
      await subject[Symbol.asyncDispose]()
    },
  }
}

/** Resolves when the attacks are on. */
export async function beginForgery(bench: Bench, forgeries: Forgery[], first = ':'): Promise<void> {
  for (const { files } of forgeries) {
    for (const [path, content] of Object.entries(files())) await bench.put(path, content)
  }
  await bench.put('/tmp/attack-all', forgeryScript(forgeries))
  bench.terminal.type(`${first}; setsid -f /tmp/attack-all >/dev/null 2>&1`)
  // The examiner looks, as an attack may have replaced or stopped all that the learner has. It sees only a root's files.
  const signs = PROFILES[bench.profile].root
    ? 'in-root --stat /tmp/attacking >/dev/null'
    : 'grep -qs "^attack-" /proc/[0-9]*/comm'
  const hasBegun = async () => (await bench.judge(`${signs} && pass begun`)).verdict === 'pass'
  await eventually(async () => {
    if (!(await hasBegun())) throw new Error('the attack does not begin')
  }, 20_000)
}

/** Starts a naive check; what it resolves with tells, once the attack is on, whether it takes the machine for solved. */
export async function naiveCheck(
  bench: Bench,
  fools: Forgery['fools'],
  waitSeconds: number,
): Promise<() => Promise<boolean>> {
  if (fools === 'exec') {
    // Fooled once is fooled: an attack that kills all that it sees kills most of these, too.
    return async () => {
      for (let tries = 0; tries < NAIVE_TRIES; tries++)
        if ((await bench.exec(['/bin/sh', '-c', NAIVE_BY_EXEC])).code === 0) return true
      return false
    }
  }
  await bench.put('/tmp/naive-check', NAIVE_AMONG)
  const aux = await bench.another()
  aux.type(`exec /tmp/naive-check ${waitSeconds}`)
  await until(() => aux.output().includes('exec /tmp/naive-check'), 20_000)
  return async () => {
    await until(() => /FOOLED|HELD/.test(aux.output()), 60_000)
    aux.close()
    return aux.output().includes('FOOLED')
  }
}

async function until(isSo: () => boolean, timeoutMs: number): Promise<void> {
  for (const deadline = Date.now() + timeoutMs; !isSo(); await sleep(50)) {
    if (Date.now() > deadline) throw new Error('the naive check says nothing')
  }
}
