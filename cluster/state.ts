import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { NodeConfig } from './config.ts'
import type { Instance } from './instance.ts'
import type { Link } from './network.ts'
import { isAlive, type ProcessIdentity } from './processes.ts'

/** What the guardian writes down about the running node. */
export type ClusterState = {
  guardian: ProcessIdentity
  /** PID 1 of the node's namespaces, by its pid on the host. */
  node: ProcessIdentity | null
  link: Link
  startedAt: string
}

export function readState(instance: Instance): ClusterState | null {
  try {
    return JSON.parse(readFileSync(instance.stateFile, 'utf8')) as ClusterState
  } catch {
    return null
  }
}

export function writeState(instance: Instance, state: ClusterState): void {
  writeFileSync(`${instance.stateFile}.new`, JSON.stringify(state, null, 2), { mode: 0o600 })
  renameSync(`${instance.stateFile}.new`, instance.stateFile)
}

export function removeState(instance: Instance): void {
  rmSync(instance.stateFile, { force: true })
}

/** The state, if its node still runs. */
export function runningState(instance: Instance): (ClusterState & { node: ProcessIdentity }) | null {
  const state = readState(instance)
  return state?.node && isAlive(state.node) ? { ...state, node: state.node } : null
}

/** What the running node, or one that is starting, was made from. */
export function readNodeConfig(instance: Instance): NodeConfig {
  return JSON.parse(readFileSync(join(instance.dataDir, 'conf', 'node.json'), 'utf8')) as NodeConfig
}

/** Runs a command inside the node's namespaces: its files, network and processes. */
export function nodeCommand(state: { node: ProcessIdentity }, command: string[]): string[] {
  return [
    'nsenter',
    '--target',
    String(state.node.pid),
    '--mount',
    '--net',
    '--pid',
    '--ipc',
    '--uts',
    '--',
    ...command,
  ]
}
