import { listPids, readProc } from '#cluster/processes.ts'

/** Every process that a run starts carries this variable, with one value for each run (setup.mjs). */
export const RUN_ENV = 'DRYDOCK_RUN'

/** What this run has started and what still lives: `pid command`, this process excepted. Empty without a mark. */
export function findOwnProcesses(mark = process.env[RUN_ENV]): { pid: number; command: string }[] {
  if (!mark) return []
  return listPids()
    .filter((pid) => pid !== process.pid && `\0${readProc(pid, 'environ')}`.includes(`\0${RUN_ENV}=${mark}\0`))
    .map((pid) => ({ pid, command: readProc(pid, 'cmdline').replaceAll('\0', ' ').trim().slice(0, 120) }))
}
