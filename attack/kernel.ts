import { existsSync } from 'node:fs'
import type { Attack } from '#attack/attack.ts'
import { execIn } from '#attack/box.ts'
import { runScript, scripted } from '#attack/scripted.ts'

/**
 * The node's kernel and what else the box shares with it. Probes ask whether something could be done and do not do it:
 * a file of the kernel's is tested for being writable, a call is made with arguments that no kernel takes.
 */
const isWritable = (path: string) =>
  `if [ -w ${path} ]; then echo "${path} is writable"; else echo "${path} is not writable"; false; fi`

/** There only where the kernel takes modules at all; it is the node's as well as this process's. */
const MODPROBE = '/proc/sys/kernel/modprobe'

const WRITABLE = [
  ['write a sysctl of the node’s', '/proc/sys/kernel/panic'],
  ['say what runs when a program crashes (core_pattern)', '/proc/sys/kernel/core_pattern'],
  ['say what loads modules (modprobe)', MODPROBE],
  ['reboot by sysrq-trigger', '/proc/sysrq-trigger'],
  ['drop the node’s caches', '/proc/sys/vm/drop_caches'],
] as const

/** A system call, by number on x86-64, with arguments that come to nothing; the errno tells who refused it. */
const CALLS = [
  ...(existsSync(MODPROBE)
    ? [['load a module', 'my $none = ""; print syscall(313, -1, $none, 0) == -1 ? $! : "done"'] as const]
    : []),
  ['load a BPF program', 'my $attr = "\\0" x 128; print syscall(321, 5, $attr, 128) == -1 ? $! : "done"'],
  [
    'open a file by its handle (Shocker)',
    'my $handle = pack("Ii", 8, 0) . "\\0" x 8; print syscall(304, -100, $handle, 0) == -1 ? $! : "done"',
  ],
  ['use io_uring', 'print syscall(425, 0, 0) == -1 ? $! : "done"'],
  [
    'watch the node’s processors (perf)',
    'my $attr = "\\0" x 128; print syscall(298, $attr, -1, 0, -1, 0) == -1 ? $! : "done"',
  ],
] as const
const errnoOf = (program: string) =>
  `answer=$(perl -e '${program}'); echo "the kernel says: $answer"; [[ ! $answer =~ 'not permitted'|'not implemented'|'denied' ]]`

/** What only the node's own file system has: the keys of the embedded cluster. */
const NODE_KEYS = '/run/drydock/pki'

export const KERNEL: Attack[] = [
  scripted({
    name: 'a disk of the host’s',
    control: 'privileged',
    script: `disk=$(find /dev -type b 2>/dev/null | head -1)
[ -n "$disk" ] || { mknod /tmp/disk b 7 0 && disk=/tmp/disk; }
[ -n "$disk" ] && echo "$disk is there"`,
  }),
  scripted({
    name: 'make a device node',
    control: 'privileged',
    script: 'rm -f /tmp/null; mknod /tmp/null c 1 3 && : >/tmp/null && echo made one that opens',
  }),
  ...WRITABLE.filter(([, path]) => existsSync(path)).map(([name, path]) =>
    scripted({ name, control: 'privileged', script: isWritable(path) }),
  ),
  scripted({
    name: 'write into the node’s /sys',
    control: 'privileged',
    script: `found=$(find /sys -maxdepth 4 -path /sys/fs/cgroup -prune -o -type f -writable -print 2>/dev/null | grep -v '^/sys/class/net\\|/net/' | head -1)
[ -n "$found" ] && echo "$found is writable" || { echo nothing writable; false; }`,
  }),
  scripted({
    name: 'read the kernel’s log',
    control: 'privileged',
    script: 'dmesg | tail -1 | cut -c 1-60; dmesg >/dev/null',
  }),
  ...CALLS.map(([name, program]) => scripted({ name, control: 'privileged', script: errnoOf(program) })),
  scripted({
    name: 'namespaces of one’s own without being root',
    from: ({ root }) => !root,
    control: 'privileged',
    script: 'unshare --user --map-root-user true && echo entered one',
  }),
  scripted({
    name: 'speak with the hypervisor (vsock)',
    control: 'privileged',
    script: `perl -e 'socket(my $s, 40, 1, 0) ? print("a socket\\n") : (print("$!\\n"), exit 1)'`,
  }),
  scripted({
    name: 'release_agent and the node’s cgroups (CVE-2022-0492)',
    control: 'privileged',
    script: `try() {
  mkdir -p /tmp/cgroup && for type in cgroup2 'cgroup -o memory'; do
    mount -t $type none /tmp/cgroup 2>/dev/null || continue
    for file in release_agent cgroup.subtree_control; do
      [ ! -w /tmp/cgroup/$file ] || { echo "$type: $file is writable"; umount /tmp/cgroup; return 0; }
    done
    umount /tmp/cgroup
  done; return 1
}
export -f try
try || unshare --user --map-root-user --mount --cgroup bash -c try || { echo no cgroups to write; false; }`,
  }),
  scripted({
    name: 'raise one’s own limits',
    control: 'privileged',
    script: `for file in /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/pids.max; do
  [ ! -w $file ] || { echo "$file is writable"; exit 0; }
done; echo no limit is writable; false`,
  }),
  scripted({
    name: 'enter the node’s namespaces (setns)',
    control: 'node',
    script: `for process in /proc/[0-9]*; do
  ! timeout 2 nsenter --mount=$process/ns/mnt test -d ${NODE_KEYS} 2>/dev/null || { echo "entered by $process"; exit 0; }
done; echo "$(ls -d /proc/[0-9]* | wc -l) processes, none leads out"; false`,
  }),
  besideExecs({
    name: 'a descriptor that the runtime leaked (CVE-2024-21626)',
    probe: `for link in /proc/[0-9]*/{root,cwd,fd/*}; do
    for way in "$link" "$link/../../../../../.."; do
      [ ! -d "$way${NODE_KEYS}" ] || { echo "$link leads to the node"; exit 0; }
    done
  done 2>/dev/null`,
    none: 'no link leads to the node',
  }),
  besideExecs({
    name: 'the runtime’s own program by /proc/PID/exe (CVE-2019-5736)',
    probe: `for exe in /proc/[0-9]*/exe; do
    [[ $(readlink "$exe") =~ runc|containerd-shim ]] && [ -w "$exe" ] && { echo "$(readlink "$exe") is writable"; exit 0; }
  done 2>/dev/null`,
    none: 'no program of the runtime’s is writable',
  }),
]

/** Looked for while somebody outside starts commands in the box, which is when the runtime is inside. */
function besideExecs({ name, probe, none }: { name: string; probe: string; none: string }): Attack {
  const script = `for ((SECONDS = 0; SECONDS < 4; )); do\n  ${probe}\ndone; echo ${none}; false`
  return {
    name,
    control: 'a privileged pod with the node’s processes and network',
    attempt: async (range, profile) => {
      const { box, ...place } = await range.subject(profile)
      const looking = runScript(box, script)
      for (let round = 0; round < 12; round++) await execIn(range.exec, place, ['/bin/true'])
      return looking
    },
    proof: async (range, profile) => runScript((await range.control('node', profile)).box, script),
  }
}
