import type { OnProgress, Progress } from './contract.ts'

const BAR_CELLS = 24

/** One line of progress: bar, step, time left. */
export function renderProgress({ component, step, done, total, etaSeconds }: Progress): string {
  const filled = total > 0 ? Math.round((Math.min(done, total) / total) * BAR_CELLS) : 0
  const left = etaSeconds === null ? '' : `, about ${formatSeconds(etaSeconds)} left`
  return `[${'#'.repeat(filled)}${'.'.repeat(BAR_CELLS - filled)}] ${component}: ${step}${left}`
}

export function formatSeconds(seconds: number): string {
  return seconds < 90 ? `${seconds} s` : `${Math.round(seconds / 60)} min`
}

/** Shows progress in place on a terminal; elsewhere one line for each new step. */
export function progressLine(stream: NodeJS.WriteStream): { update: OnProgress; end: () => void } {
  let lastStep = ''
  return {
    update: (progress) => {
      if (stream.isTTY) {
        stream.write(`\r\x1b[K${renderProgress(progress).slice(0, (stream.columns ?? 80) - 1)}`)
      } else if (progress.step !== lastStep) {
        stream.write(`${renderProgress(progress)}\n`)
      }
      lastStep = progress.step
    },
    end: () => {
      if (stream.isTTY && lastStep) stream.write('\r\x1b[K')
    },
  }
}
