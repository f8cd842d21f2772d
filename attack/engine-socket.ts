import type { Attack, Outcome } from '#attack/attack.ts'
import { eventually } from '#attack/box.ts'
import { openBench } from '#attack/forgery.ts'
import { once } from '#attack/once.ts'
import type { Range } from '#attack/range.ts'

const SERVER = '/tmp/attack-engine'
const SOCKET = '/run/docker.sock'
/** An engine of the learner's own, which has what the task asks for. */
const LIAR = `#!/usr/bin/perl
use IO::Socket::UNIX;
unlink '${SOCKET}';
my $socket = IO::Socket::UNIX->new(Local => '${SOCKET}', Listen => 5) or die $!;
my $body = '[{"Id":"1","Image":"nginx","Names":["/web"],"State":"running"}]';
while (my $client = $socket->accept) {
  while (<$client>) { last if /^\\r?\\n$/ }
  print $client "HTTP/1.1 200 OK\\r\\nContent-Type: application/json\\r\\nConnection: close\\r\\nContent-Length: ", length $body, "\\r\\n\\r\\n$body";
  close $client;
}
`
const CLAIM = `first=$(procs | jq -rs '.[0]')
claim=$(curl -s --max-time 3 --unix-socket "/proc/$(jq -r .pid <<<"$first")/root${SOCKET}" http://docker/containers/json | jq -r '.[].Image') || claim=
[[ $claim == nginx* ]] || not_yet 'the engine knows of no nginx'
`
const NAIVE = `${CLAIM}pass 'the engine says that it runs'`
/** A container's process is in a PID namespace that its shell is not in. */
const CHECK = `${CLAIM}procs | jq -e --argjson own "$(jq .pidns <<<"$first")" 'select(.comm == "nginx" and .pidns != $own)' >/dev/null &&
  pass 'it runs'
not_yet 'the engine names a container that has no process'`

type Run = { attempt: Outcome; proof: Outcome }
const asOutcome = ({ verdict, evidence }: { verdict: string; evidence: string }): Outcome => ({
  worked: verdict === 'pass',
  seen: `${verdict}: ${evidence}`,
})

async function lie(range: Range): Promise<Run> {
  await using bench = await openBench(range, 'engine')
  await bench.put(SERVER, LIAR)
  bench.terminal.type(`setsid -f ${SERVER} >/dev/null 2>&1`)
  const proof = await eventually(async () => {
    const outcome = asOutcome(await bench.judge(NAIVE))
    if (!outcome.worked) throw new Error(`the naive check is not fooled: ${outcome.seen}`)
    return outcome
  }, 20_000)
  const judged = await bench.judge(CHECK)
  // Not to be told apart from a check that never works, otherwise.
  if (judged.verdict === 'broken') throw new Error(`the examiner could not judge: ${judged.detail}`)
  return { attempt: asOutcome(judged), proof }
}

const runs = once((range: Range) => lie(range))

/** What an engine says belongs to the learner: a check asks the kernel, too. */
export const FAKED_SOCKET: Attack = {
  name: 'fake an engine’s socket',
  from: ({ engine }) => engine !== undefined,
  control: 'a naive check that believes the engine passes',
  attempt: async (range) => (await runs(range)).attempt,
  proof: async (range) => (await runs(range)).proof,
}
