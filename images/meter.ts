import type { OnProgress } from '#cluster/contract.ts'

export type Meter = {
  begin: (name: string, seconds: number) => void
  step: (text: string) => void
  finish: () => void
  stop: () => void
}

/**
 * Turns weighted steps into progress with the time left. Estimates are corrected by how long the finished steps really took, and a
 * step that outlasts its estimate slows down towards its end instead of standing at it.
 */
export function meter(
  onProgress: OnProgress,
  totalSeconds: number,
  now: () => number = () => performance.now() / 1000,
): Meter {
  const pace = { planned: 0, taken: 0 }
  let current: { name: string; seconds: number; since: number; text: string } | null = null
  const tell = () => {
    if (!current) return
    const speed = pace.planned > 0 ? pace.taken / pace.planned : 1
    const due = (now() - current.since) / (current.seconds * speed || 1)
    const share = due < 0.9 ? due : 1 - 0.1 * Math.exp((0.9 - due) / 0.1)
    const done = pace.planned + current.seconds * share
    onProgress({
      component: `image ${current.name}`,
      step: current.text,
      done: Math.round(done * 10) / 10,
      total: totalSeconds,
      etaSeconds: Math.max(1, Math.ceil((totalSeconds - done) * speed)),
    })
  }
  const ticks = setInterval(tell, 1000)
  ticks.unref()
  return {
    begin(name, seconds) {
      current = { name, seconds, since: now(), text: 'preparing' }
      tell()
    },
    step(text) {
      if (current && current.text !== text) current.text = text
      tell()
    },
    finish() {
      if (!current) return
      pace.planned += current.seconds
      pace.taken += now() - current.since
      onProgress({
        component: `image ${current.name}`,
        step: 'built',
        done: pace.planned,
        total: totalSeconds,
        etaSeconds: Math.ceil((totalSeconds - pace.planned) * (pace.taken / pace.planned)),
      })
      current = null
    },
    stop: () => clearInterval(ticks),
  }
}
