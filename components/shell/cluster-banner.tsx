'use client'

import { useEffect, useState } from 'react'
import { Progress } from '#components/ui/progress.tsx'
import { about } from '#components/workspace/words.ts'
import type { ClusterStatusView } from '#lib/progress/get-cluster-status.ts'

const POLL_MS = 3000

const WORDS: Record<Exclude<ClusterStatusView['state'], 'ready'>, string> = {
  building: 'The lab machines are being built. Lessons can be read meanwhile.',
  booting: 'The cluster is booting. Lessons can be read meanwhile.',
  unreachable: 'The lab machines cannot be reached right now. Lessons can be read meanwhile.',
  failed: 'The lab machines could not be set up. Lessons can be read all the same.',
  none: 'No cluster is set up for labs yet. Lessons can be read all the same.',
}

/** Says what the cluster still needs while it is not ready: component, step and time left. Nothing once it is. */
export function ClusterBanner({ initial }: { initial: ClusterStatusView }) {
  const [status, setStatus] = useState(initial)
  const { state } = status
  useEffect(() => {
    if (state === 'ready') return
    const timer = setInterval(async () => {
      const response = await fetch('/api/status').catch(() => null)
      if (response?.ok) setStatus(await response.json())
    }, POLL_MS)
    return () => clearInterval(timer)
  }, [state])

  if (state === 'ready') return null
  const underWay = state === 'building' || state === 'booting'
  return (
    <aside
      aria-label="Lab machines"
      data-print="hide"
      className="border-b border-rule bg-accent-wash px-4 py-2.5 text-sm sm:px-6"
    >
      <div className="flex flex-wrap items-center gap-x-6 gap-y-1">
        <p role="status" className="font-[560]">
          {WORDS[state]}
        </p>
        {(status.component || status.message) && (
          <p className="text-ink-soft">
            {underWay ? (
              <>
                <span className="font-mono">{status.component}</span> {status.step}
                {status.etaSeconds !== null && ` · ${about(status.etaSeconds)} left`}
              </>
            ) : (
              status.message
            )}
          </p>
        )}
      </div>
      {underWay && (
        <Progress
          label="Building the lab machines"
          value={status.total > 0 ? status.done : null}
          max={status.total}
          className="mt-2 max-w-xl"
        />
      )}
    </aside>
  )
}
