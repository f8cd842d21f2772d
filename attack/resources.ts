import { execFile } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { Attack, Outcome } from '#attack/attack.ts'
import { eventually, execIn, type Place } from '#attack/box.ts'
import { LOG_FLOOD } from '#attack/flood.ts'
import { OBJECTS } from '#attack/objects.ts'
import type { Range, Subject } from '#attack/range.ts'
import { runScript } from '#attack/scripted.ts'
import { podAt, problemOf } from '#attack/state.ts'
import { PROFILES, type ProfileName } from '#lib/sandbox/machine-profiles.ts'

/** What one sandbox can use up. Each is bounded in number and time, and goes with its sandbox. */
const PROCESSES = 700
/** The kubelet looks at disks every ten seconds. */
const EVICTION_MS = 120_000

/** Forks as often as it may, at most `PROCESSES` times, and tells how many lived at once. */
const FORKS = `perl -e 'my @all; for (1..${PROCESSES}) { my $pid = fork; last unless defined $pid; if (!$pid) { sleep 8; exit } push @all, $pid }
print scalar(@all), " processes at once", (@all < ${PROCESSES} ? ", then: $!" : ""), "\\n"; kill 9, @all; exit(@all < ${PROCESSES})'`
/** Twice as much as the profile has, so that it is its bound that ends it. */
const hog = (profile: ProfileName) => {
  const megabytes = 2 * PROFILES[profile].size.memoryMiB
  return `perl -e 'my @all; push @all, "x" x (1 << 20) for 1..${megabytes}; print "had ${megabytes} MiB\n"'; code=$?
[ $code = 0 ] || { echo "ended by signal $((code & 127))"; false; }`
}
const FILL_FACTOR = 1.4
const filler = (profile: ProfileName) =>
  `head -c ${Math.ceil(FILL_FACTOR * PROFILES[profile].size.diskMiB[1])}M /dev/zero >/tmp/fill && echo "$(du -m /tmp/fill | cut -f 1) MB"`

/** Evicted, or still there with what it wrote. */
async function fill(
  range: Range,
  profile: ProfileName,
  place: Place & { box: Subject['box'] },
  waitMs: number,
): Promise<Outcome> {
  const { admin } = await range.askers()
  let wrote = 'nothing yet'
  // A machine that is stopped does not answer.
  const writing = place.box.run(filler(profile), { timeoutMs: waitMs }).then(({ code, output }) => {
    wrote = output.trim()
    return code === 0
  })
  for (const until = Date.now() + waitMs; Date.now() < until; await sleep(1000)) {
    const problem = await problemOf(admin, place)
    const evicted = (await podAt(admin, place))?.status?.reason === 'Evicted'
    if (problem || evicted) return { worked: false, seen: problem ?? 'evicted' }
  }
  return { worked: await writing, seen: `keeps ${wrote}` }
}

/** Datagrams to as many ports, and how many entries of theirs the node's connection table has then. */
const DATAGRAMS = 2000
async function remembered(
  range: Range,
  profile: ProfileName,
  { box, ip }: Pick<Subject, 'box' | 'ip'>,
): Promise<Outcome> {
  // Somebody else: what a pod sends to itself the node never sees.
  const other = profile === 'shell' ? 'root' : 'shell'
  const [node, target] = await Promise.all([range.control('node', 'root'), range.control('open', other)])
  await box.run(`for port in {20001..${20000 + DATAGRAMS}}; do echo >/dev/udp/${target.ip}/$port; done 2>/dev/null`)
  const { code, output } = await node.box.run(`conntrack -L -p udp -s ${ip} -d ${target.ip} 2>/dev/null | wc -l`)
  const entries = Number(output)
  if (code !== 0 || Number.isNaN(entries)) throw new Error(`the node does not list its connections: ${output}`)
  return { worked: entries > DATAGRAMS / 2, seen: `${entries} entries after ${DATAGRAMS} datagrams` }
}

export const RESOURCES: Attack[] = [
  {
    name: `${PROCESSES} processes`,
    control: 'the same program on this machine, outside of any pod',
    attempt: async (range, profile) => {
      await using spare = await range.spare(profile)
      const [outcome] = await Promise.allSettled([
        runScript(spare.box, `${FORKS} | tee /tmp/forks; exit \${PIPESTATUS[0]}`, 15_000),
      ])
      if (outcome.status === 'fulfilled') return outcome.value
      // Their own shell may be the one that finds no room: what was counted lies in the machine once the processes ended.
      const { output } = await eventually(async () => {
        const answer = await execIn(range.exec, spare, ['cat', '/tmp/forks'])
        if (!answer.output.includes('at once'))
          throw new Error((await problemOf((await range.askers()).admin, spare)) ?? 'no count')
        return answer
      }, 30_000)
      return { worked: !output.includes('then:'), seen: output.trim() }
    },
    proof: async () => {
      const run = promisify(execFile)('bash', ['-c', FORKS], { timeout: 30_000 })
      return run.then(
        ({ stdout }) => ({ worked: true, seen: stdout.trim() }),
        (error: Error & { stdout?: string }) => ({ worked: false, seen: error.stdout?.trim() ?? error.message }),
      )
    },
  },
  {
    name: 'twice the memory one has',
    control: 'a limit four times as high',
    attempt: async (range, profile) => {
      await using spare = await range.spare(profile)
      const { admin } = await range.askers()
      const [outcome] = await Promise.allSettled([runScript(spare.box, hog(profile))])
      if (outcome.status === 'fulfilled') return outcome.value
      // The whole machine went: then the platform says why.
      const problem = await problemOf(admin, spare)
      if (!problem) throw outcome.reason
      return { worked: false, seen: problem }
    },
    proof: async (range, profile) => runScript((await range.control('roomy', profile)).box, hog(profile)),
  },
  {
    name: 'more disk than one has',
    control: 'a limit four times as high',
    attempt: async (range, profile) => {
      await using spare = await range.spare(profile)
      // Awaited here, or the sandbox is gone before.
      return await fill(range, profile, spare, EVICTION_MS)
    },
    proof: async (range, profile) => fill(range, profile, await range.control('roomy', profile), EVICTION_MS / 4),
  },
  {
    name: `${DATAGRAMS} entries of the node’s connection table, by what is forbidden anyway`,
    control: 'no NetworkPolicy',
    attempt: async (range, profile) => remembered(range, profile, await range.subject(profile)),
    proof: async (range, profile) => remembered(range, profile, await range.control('open', profile)),
  },
  LOG_FLOOD,
  ...OBJECTS,
]
