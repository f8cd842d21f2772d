import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Attack, Outcome } from '#attack/attack.ts'
import { eventually, type Place } from '#attack/box.ts'
import type { Range } from '#attack/range.ts'
import { problemOf } from '#attack/state.ts'
import { percentile } from '#bench/stats.ts'
import { openTestTerminal } from '#lib/terminal/testing.ts'

/** A neighbour may become this much slower; within one frame of a 60 Hz screen nobody sees a difference (decision 0014). */
const ECHO_FACTOR = 2
const FRAME_MS = 1000 / 60
/** Lines, one after another; the load is met in all its moments. */
const BASE_ECHOES = 80
const LOAD_ECHOES = 240
const PAUSE_MS = 25
const LOAD_MS = 8000
/** No echo for this long counts as this long. */
const SILENCE_MS = 2500
/** A machine slower than this before any load shows nothing: somebody else uses it. Looked at again, so many times. */
const QUIET_MS = 7
const LOOKS = 6
const BETWEEN_LOOKS_MS = 5000
/** The load's own start is not measured. */
const BEGIN_MS = 1000

/** A terminal that was open before the load began; `p95` is from a line to its echo, over all lines. */
async function keyboard(range: Range, { namespace, pod }: Place) {
  const terminal = await eventually(() => openTestTerminal(range.exec, namespace, 'aux', pod))
  const salt = randomBytes(3).toString('hex')
  let count = 0
  const echo = async () => {
    // The terminal shows what earlier keyboards typed, too.
    const word = `${salt}-${count++}-`
    const startedAt = performance.now()
    terminal.type(`: ${word}`)
    while (!terminal.output().includes(word) && performance.now() - startedAt < SILENCE_MS) await sleep(1)
    return performance.now() - startedAt
  }
  await echo()
  const p95 = async (echoes: number) => {
    const times: number[] = []
    for (const until = Date.now() + LOAD_MS; times.length < echoes && Date.now() < until; await sleep(PAUSE_MS))
      times.push(await echo())
    return percentile(times, 0.95)
  }
  const quiet = async () => {
    for (let look = 1; ; look++) {
      const before = await p95(BASE_ECHOES)
      if (before <= QUIET_MS) return { before, looks: look }
      if (look === LOOKS) throw new Error(`echo p95 is ${before.toFixed(0)} ms before any load: the machine is busy`)
      await sleep(BETWEEN_LOOKS_MS)
    }
  }
  return { close: terminal.close, p95, quiet }
}

/** Begins a load; resolves with how to end it. */
type Load = () => Promise<() => void>

/** Types a load into a sandbox and leaves it to it. */
const typed =
  (range: Range, { namespace, pod }: Place, line: string): Load =>
  async () => {
    const terminal = await eventually(() => openTestTerminal(range.exec, namespace, 'main', pod))
    terminal.type(line)
    return terminal.close
  }

async function slowed(range: Range, victim: Place, load: Load): Promise<Outcome> {
  const keys = await keyboard(range, victim)
  try {
    const { before, looks } = await keys.quiet()
    const end = await load()
    await sleep(BEGIN_MS)
    const during = await keys.p95(LOAD_ECHOES).finally(end)
    const again = looks > 1 ? ` (measured ${looks} times until the machine was quiet)` : ''
    return {
      worked: during > Math.max(ECHO_FACTOR * before, FRAME_MS),
      seen: `echo p95 ${before.toFixed(1)} → ${during.toFixed(1)} ms${again}`,
    }
  } finally {
    keys.close()
  }
}

/** One sandbox's load is felt where its bounds do not reach, and not by a neighbour. */
const felt = (name: string, line: string, { control, proof }: Pick<Attack, 'control' | 'proof'>): Attack => ({
  name,
  control,
  proof,
  attempt: async (range, profile) => {
    await using attacker = await range.spare(profile)
    const { worked, seen } = await slowed(range, await range.neighbour(), typed(range, attacker, line))
    const problem = await problemOf((await range.askers()).admin, attacker)
    return { worked, seen: `${seen}; ${problem ?? 'their machine lives on'}` }
  },
})

const inOwnSandbox = (line: string): Pick<Attack, 'control' | 'proof'> => ({
  control: 'the same load in the neighbour’s own sandbox',
  proof: async (range, profile) => {
    await using own = await range.spare(profile)
    // Awaited here, or the sandbox is gone before.
    return await slowed(range, own, typed(range, own, line))
  },
})

/**
 * A bomb that ends: busy until the kernel's alarm, in the number that a bomb reaches in a moment. Each is a session of its
 * own, as the kernel shares processors among sessions first (sched(7), autogroup).
 */
const BOMB = 200
const BOMB_SECONDS = 12
const BOMB_SCRIPT = `use POSIX; my @all; $SIG{TERM} = sub { kill 9, @all; exit };
for (1..${BOMB}) { my $pid = fork; if (!$pid) { $SIG{TERM} = 'DEFAULT'; alarm ${BOMB_SECONDS}; setsid; 1 while 1 } push @all, $pid }
sleep ${BOMB_SECONDS}`
const outside: Pick<Attack, 'control' | 'proof'> = {
  control: `${BOMB} busy processes outside of any pod`,
  proof: async (range) =>
    slowed(range, await range.neighbour(), async () => {
      const bomb = spawn('/usr/bin/perl', ['-e', BOMB_SCRIPT], { stdio: 'ignore' })
      return () => void bomb.kill()
    }),
}

const BUSY = 'for i in {1..64}; do (while :; do :; done) & done'
const WRITE = 'for i in {1..4}; do (while :; do head -c 100M /dev/zero >/tmp/w$i; done) & done'
/** Empty files, without end and never many at once. */
const INODES = `for i in {1..4}; do (mkdir /tmp/i$i; cd /tmp/i$i; while :; do perl -e 'open my $f, ">", $_ for 1..20000'; find . -type f -delete; done) & done`

export const NEIGHBOURS: Attack[] = [
  felt('slowed by a fork bomb', 'bomb() { bomb | bomb & }; bomb', outside),
  felt('slowed by busy processors', BUSY, inOwnSandbox(BUSY)),
  felt('slowed by writing to disk', WRITE, inOwnSandbox(WRITE)),
  felt('slowed by making files', INODES, inOwnSandbox(INODES)),
]
