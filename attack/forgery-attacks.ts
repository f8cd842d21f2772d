import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Does BODY to each process that the learner can see, over and over. Spared are init, which nobody can harm from inside,
 * the attack itself, the agent, which without root is the learner's own terminal, and others by the name of their program.
 */
const onEverything = (body: string, spared: string) => `#!/bin/bash
while :; do
  for dir in /proc/[0-9]*; do
    pid=\${dir#/proc/}
    read -r name <"$dir/comm" || continue
    case $pid:$name in 1:* | *:attack-* | *:agent | *:${spared}) continue ;; esac
    ${body}
  done
done 2>/dev/null
`

/** A tool that agrees with whatever it is asked. */
const YES = '#!/bin/bash\nexit 0\n'

/** A library whose constructor ends every program well before its first instruction. */
function agreeableLibrary(): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'drydock-forgery-'))
  try {
    const [source, library] = [join(folder, 'yes.c'), join(folder, 'yes.so')]
    writeFileSync(source, '#include <unistd.h>\n__attribute__((constructor)) static void yes(void) { _exit(0); }\n')
    execFileSync('gcc', ['-shared', '-fPIC', '-Os', '-o', library, source])
    return readFileSync(library)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

export type Forgery = {
  name: string
  /** Files put into the machine first, as its root may. */
  files: () => Record<string, string | Buffer>
  /** Bash, run by the learner. */
  script: string
  /** Nothing to be tried by anybody less than root. */
  asRoot: boolean
  /** Where a naive check falls for it: run by exec in the machine's container, or among the learner's own processes. */
  fools: 'exec' | 'among'
}

/** A judge that dies judges nothing: a clever attack spares it and goes for its tools. */
const loop = (name: string, body: string, spared = 'naive-check'): Forgery => ({
  name,
  files: () => ({ [`/tmp/attack-${name}`]: onEverything(body, spared) }),
  script: `/tmp/attack-${name} &`,
  asRoot: false,
  fools: 'among',
})

/**
 * What a learner may try, so that a task passes which is not done: each alone, then all together, in an
 * order in which none stops the next.
 */
export const FORGERIES: Forgery[] = [
  loop('kill', 'kill -KILL "$pid"'),
  loop('stop', 'kill -STOP "$pid"'),
  loop('trace', 'timeout -s KILL 0.05 strace -f -o /dev/null -p "$pid"; kill -KILL "$pid"'),
  loop('limit', 'prlimit --pid "$pid" --nofile=0:0 --nproc=0:0', 'nobody'),
  {
    name: 'tools',
    files: () => ({ '/tmp/yes': YES }),
    script:
      'for tool in /usr/sbin/ip /usr/bin/ip /usr/bin/ls /usr/bin/grep /usr/bin/ping /bin/sh; do cp --remove-destination /tmp/yes "$tool"; done',
    asRoot: true,
    fools: 'exec',
  },
  {
    name: 'proc',
    files: () => ({}),
    script: [
      'umount -l /proc; mount -t tmpfs none /proc; mkdir -p /proc/1/ns /proc/1/tmp/run/netns /run/netns',
      ': >/proc/mounts; : >/proc/1/ns/net; ln -sfn /proc/1/ns/net /run/netns/red; ln -sfn /proc/self/ns/net /run/netns/blue',
    ].join('\n'),
    asRoot: true,
    fools: 'exec',
  },
  {
    name: 'preload',
    files: () => ({ '/usr/lib/yes.so': agreeableLibrary() }),
    script: 'echo /usr/lib/yes.so >/etc/ld.so.preload',
    asRoot: true,
    fools: 'exec',
  },
]

/** One script that carries out attacks, and says when it has begun by a file. */
export function forgeryScript(forgeries: Forgery[]): string {
  const lines = ['#!/bin/bash', ...forgeries.map(({ script }) => script), ': >/tmp/attacking', 'wait', '']
  return lines.join('\n')
}

/** A check as it is often written: an exec in the container, judged by its exit code. 0 would be a pass. */
export const NAIVE_BY_EXEC = 'ip netns list | grep -qw red && ip netns list | grep -qw blue'

/**
 * A check among the learner's processes that takes silence for consent. It waits for the attack to begin, if one does
 * within a second or ten, and prints FOOLED or HELD.
 */
export const NAIVE_AMONG = `#!/bin/bash
for ((SECONDS = 0; SECONDS < $1; )); do [[ ! -e /tmp/attacking ]] || break; done
for round in {1..30}; do
  read -r -t 1 line < <(sleep 0.05 && echo still-not-done) || { echo FOO''LED; break; }
done
[[ $round == 30 ]] && echo HE''LD
sleep 60
`
