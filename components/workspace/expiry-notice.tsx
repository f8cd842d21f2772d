'use client'

import { ClockPlus } from 'lucide-react'
import { useState } from 'react'
import { SignInLink } from '#components/shell/sign-in-link.tsx'
import { Button, buttonClass } from '#components/ui/button.tsx'
import { Callout } from '#components/ui/callout.tsx'
import type { SandboxControl } from '#components/workspace/use-sandbox.ts'
import { warningAt } from '#components/workspace/words.ts'

/** Said at ten, five and one minute before the machine ends, and read out: what goes, what stays, what can be done. */
export function ExpiryNotice({ sandbox, secondsLeft }: { sandbox: SandboxControl; secondsLeft: number | null }) {
  const { view, busy } = sandbox
  // A guest has ten minutes in all: that it is ten is no news.
  const at = secondsLeft === null || (view?.guest && secondsLeft > 300) ? null : warningAt(secondsLeft)
  const [dismissed, setDismissed] = useState<string | null>(null)
  // One more extension, and the same warning is news again.
  const key = `${view?.expiresAt} ${at}`
  const news = view && at !== null && dismissed !== key
  const minutes = at === 1 ? 'Less than a minute' : `Less than ${at} minutes`
  return (
    <>
      {/* There before the news is: only then is it read out. */}
      <p role="status" className="sr-only">
        {news ? `${minutes} left on this machine.` : ''}
      </p>
      {news && (
        <div className="p-3">
          <Callout tone="warning">
            <p>
              <strong className="font-[620]">{minutes} left on this machine.</strong> Then its files and running
              programs are gone.{' '}
              {view.guest
                ? 'Sign in before, and it goes on as it is, with more time.'
                : 'Your results, hints and times stay.'}
              {!view.guest && view.extensionsLeft === 0 && ' It cannot be extended any more: save what you need now.'}
            </p>
            <p className="flex flex-wrap gap-2">
              {view.guest && (
                <SignInLink className={buttonClass({ size: 'sm', variant: 'primary' })}>Sign in to keep it</SignInLink>
              )}
              {view.extensionsLeft > 0 && (
                <Button size="sm" variant="primary" disabled={busy !== null} onClick={sandbox.extend}>
                  <ClockPlus size={15} aria-hidden />
                  Give me more time
                </Button>
              )}
              <Button size="sm" variant="quiet" className="first:-ml-2.5" onClick={() => setDismissed(key)}>
                I know
              </Button>
            </p>
          </Callout>
        </div>
      )}
    </>
  )
}
