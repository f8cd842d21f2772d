'use client'

import { Play } from 'lucide-react'
import { SignInLink } from '#components/shell/sign-in-link.tsx'
import { Button, buttonClass } from '#components/ui/button.tsx'
import type { LabSummary } from '#components/workspace/lab-summary.ts'
import { endingWords } from '#components/workspace/start-panel.tsx'
import type { SandboxControl } from '#components/workspace/use-sandbox.ts'

type GuestStartProps = { lab: LabSummary; sandbox: SandboxControl; onStart: () => void }

/** Where a stranger's terminal will be: it looks like one, and a click on it starts it. After the end, what can be kept. */
export function GuestStart({ lab, sandbox, onStart }: GuestStartProps) {
  return sandbox.view ? (
    <Ended sandbox={sandbox} onStart={onStart} />
  ) : (
    <div className="flex h-full flex-col">
      <Blank machine={lab.machines[0]?.name ?? ''} starting={sandbox.busy === 'start'} onStart={onStart} />
      <p className="border-t border-rule bg-paper px-4 py-3 text-sm text-ink-soft">
        With an account it is {lab.minutes} minutes, and what you do is kept.{' '}
        <SignInLink className="lesson-link">Sign in</SignInLink>
      </p>
    </div>
  )
}

function Blank({ machine, starting, onStart }: { machine: string; starting: boolean; onStart: () => void }) {
  return (
    // A form: React keeps a click that comes before the page is alive, and carries it out then.
    <form action={onStart} className="relative flex min-h-0 grow flex-col bg-sheet p-4">
      <p aria-hidden className="flex items-center gap-2 font-mono text-sm text-ink-soft">
        root@{machine}:~#
        <span className="h-4 w-2 animate-[breathe_1.2s_ease-in-out_infinite] bg-accent" />
      </p>
      <div className="m-auto grid max-w-sm justify-items-center gap-4 py-6 text-center">
        {/* Its click area is all that looks like a terminal. */}
        <Button
          type="submit"
          variant="primary"
          className="after:absolute after:inset-0 scripting-none:hidden"
          disabled={starting}
        >
          <Play size={16} aria-hidden />
          {starting ? 'Starting …' : 'Start the machine'}
        </Button>
        <p className="text-sm text-ink-soft scripting-none:hidden">
          A real machine, and you are root on it. Yours for ten minutes, without signing in.
        </p>
        <p className="hidden text-sm text-ink-soft scripting-none:block">
          A real machine starts here, and its terminal needs JavaScript. The lessons can be read without it.
        </p>
      </div>
    </form>
  )
}

function Ended({ sandbox, onStart }: Omit<GuestStartProps, 'lab'>) {
  const { view, busy } = sandbox
  const { title } = endingWords(view, null)
  const passed = view?.tasks.some(({ verdict }) => verdict === 'pass')
  return (
    <div className="squared grid h-full content-center justify-items-center p-6">
      <div className="frame w-full max-w-md p-6">
        <p className="label">A guest’s machine</p>
        <p className="mt-2 text-lg font-[620]">{title}</p>
        <p className="mt-2 text-sm text-ink-soft">
          {view?.state === 'failed' && view.reason ? `${view.reason} ` : ''}
          {passed
            ? 'What you solved is kept for an hour. Sign in, and it stays in your progress.'
            : 'Its files are gone. With an account a machine stays longer, and you can give it more time.'}
        </p>
        <form action={onStart} className="mt-5 flex flex-wrap gap-2">
          <SignInLink className={buttonClass({ variant: 'primary' })}>
            {passed ? 'Sign in and keep it' : 'Sign in'}
          </SignInLink>
          <Button type="submit" disabled={busy === 'start'}>
            {busy === 'start' ? 'Starting …' : 'Start a new machine'}
          </Button>
        </form>
      </div>
    </div>
  )
}
