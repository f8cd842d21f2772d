'use client'

import { Bell } from 'lucide-react'
import { Button } from '#components/ui/button.tsx'
import { Progress } from '#components/ui/progress.tsx'
import type { ReadyNotice } from '#components/workspace/use-ready-notice.ts'
import { about } from '#components/workspace/words.ts'
import type { Waiting } from '#lib/sandbox/view.ts'

/** `notice` null where nothing will be there in the end. */
type WaitingPanelProps = { waiting: Waiting | null; notice: ReadyNotice | null }

/** What stands where the terminal will be: what is being done, how long it may take, and that reading on is fine. */
export function WaitingPanel({ waiting, notice }: WaitingPanelProps) {
  const stage = waiting?.stage ?? 'Starting the machine'
  // It is over before one has read what to do meanwhile.
  const short = waiting?.queuePosition === null && !waiting.detail && (waiting.etaSeconds ?? 60) < 10
  return (
    <div className="squared grid h-full content-center justify-items-center p-6">
      <div className="frame w-full max-w-md p-6">
        <p className="label">Please stand by</p>
        <p className="mt-2 text-lg font-[620]">{stage}</p>
        {waiting?.detail && <p className="mt-1 text-sm text-ink-soft">{waiting.detail}</p>}
        <Progress label={stage} value={null} className="mt-5" />
        <dl className="mt-4 flex flex-wrap gap-x-8 gap-y-2 text-sm">
          {waiting?.queuePosition && (
            <div>
              <dt className="label">Place in line</dt>
              <dd className="font-mono">{waiting.queuePosition}</dd>
            </div>
          )}
          <div>
            <dt className="label">Expected wait</dt>
            <dd className="font-mono">{waiting?.etaSeconds == null ? 'not known yet' : about(waiting.etaSeconds)}</dd>
          </div>
        </dl>
        {notice && !short && (
          <div className="mt-5 border-t border-rule pt-4">
            <p className="text-sm text-ink-soft">
              Read on meanwhile. The terminal appears here by itself
              {waiting?.queuePosition && ', and your place in line is kept if you leave the page'}.
            </p>
            {notice.state === 'off' ? (
              <Button size="sm" className="mt-3" onClick={notice.ask}>
                <Bell size={15} aria-hidden />
                Tell me when it is ready
              </Button>
            ) : (
              <p role="status" className="mt-3 text-sm">
                {notice.state === 'on'
                  ? 'Your browser will tell you. Keep this page open.'
                  : 'Your browser does not allow notifications from this site.'}
              </p>
            )}
          </div>
        )}
      </div>
    </div>
  )
}
