export type SandboxState = 'queued' | 'provisioning' | 'ready' | 'degraded' | 'ending' | 'ended' | 'failed' | 'lost'

const LIVE: readonly SandboxState[] = ['queued', 'provisioning', 'ready', 'degraded']

/** Live: it counts against limits and its page shows a lab, not an ending. */
export const isLive = (state: SandboxState): boolean => LIVE.includes(state)
/** Usable: its machines are up, so terminals may attach and checks may run. */
export const isUsable = (state: SandboxState): boolean => state === 'ready' || state === 'degraded'
/** Over: nothing of it is left in the cluster and nothing will come. */
export const isOver = (state: SandboxState): boolean => state === 'ended' || state === 'failed' || state === 'lost'

export const LIVE_STATES: SandboxState[] = [...LIVE]
