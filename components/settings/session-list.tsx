'use client'

import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { Badge } from '#components/ui/badge.tsx'
import { Button } from '#components/ui/button.tsx'
import { ConfirmDialog } from '#components/ui/confirm-dialog.tsx'
import { LocalTime } from '#components/ui/local-time.tsx'
import { api } from '#components/workspace/api.ts'

type Session = { id: string; device: string; createdAt: string; lastSeenAt: string; current: boolean }

export function SessionList({ sessions }: { sessions: Session[] }) {
  const router = useRouter()
  const [busy, setBusy] = useState<string>()
  const [problem, setProblem] = useState<string>()

  async function end(id: string, leave: boolean) {
    setBusy(id)
    setProblem(undefined)
    try {
      await api('DELETE', `/api/account/sessions${id === 'all' ? '' : `/${id}`}`)
      if (leave) location.assign('/')
      else router.refresh()
    } catch (thrown) {
      setProblem(thrown instanceof Error ? thrown.message : 'That did not work.')
      // The list may have changed meanwhile, in another tab or on another device.
      router.refresh()
    } finally {
      setBusy(undefined)
    }
  }

  return (
    <div className="grid gap-4">
      <ul className="frame divide-y divide-rule">
        {sessions.map(({ id, device, createdAt, lastSeenAt, current }) => (
          <li key={id} className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 px-4 py-3">
            <div className="min-w-0">
              <p className="flex flex-wrap items-center gap-2">
                <span className="font-[560]">{device}</span>
                {current && <Badge>This one</Badge>}
              </p>
              <p className="text-sm text-ink-soft">
                Signed in <LocalTime iso={createdAt} />, last seen <LocalTime iso={lastSeenAt} />
              </p>
            </div>
            {!current && (
              <Button
                size="sm"
                disabled={busy !== undefined}
                aria-label={`Sign out ${device}`}
                onClick={() => end(id, false)}
              >
                Sign out
              </Button>
            )}
          </li>
        ))}
      </ul>
      <div>
        <ConfirmDialog
          trigger={(open) => (
            <Button onClick={open} disabled={busy !== undefined}>
              Sign out everywhere
            </Button>
          )}
          title="Sign out everywhere?"
          confirm="Sign out everywhere"
          cancel="Stay signed in"
          onConfirm={() => end('all', true)}
        >
          <p>Every browser is signed out, this one too. Open terminals close within half a minute.</p>
          <p>Machines run on, and your progress is kept.</p>
        </ConfirmDialog>
      </div>
      {problem && (
        <p role="alert" className="text-sm text-danger">
          {problem}
        </p>
      )}
    </div>
  )
}
