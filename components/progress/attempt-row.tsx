import Link from 'next/link'
import { Badge } from '#components/ui/badge.tsx'
import { LocalTime } from '#components/ui/local-time.tsx'
import { duration } from '#components/workspace/words.ts'
import type { AttemptSummary } from '#lib/progress/get-progress.ts'

type AttemptRowProps = { attempt: AttemptSummary; title: string; href: string | null }

/** One attempt: what, how it stands, how long it took and with how much help. */
export function AttemptRow({ attempt, title, href }: AttemptRowProps) {
  const { solved, assisted, running, timeUsedSeconds, hintsUsed, startedAt, solvedAt } = attempt
  return (
    <li
      className="flex flex-wrap items-baseline gap-x-4 gap-y-1 px-4 py-3 sm:px-5"
      data-testid={`attempt-${attempt.labId}`}
    >
      <span className="min-w-0 grow basis-60 font-[560]">
        {href ? (
          <Link href={href} className="hover:underline">
            {title}
          </Link>
        ) : (
          title
        )}
      </span>
      <span className="flex flex-wrap items-baseline gap-2">
        {solved ? <Badge tone="pass">solved</Badge> : <Badge tone={running ? 'accent' : 'plain'}>in progress</Badge>}
        {running && <Badge>machine running</Badge>}
        {assisted && <Badge>assisted</Badge>}
      </span>
      <span className="w-full font-mono text-xs text-ink-soft">
        <LocalTime iso={(solvedAt ?? startedAt).toISOString()} />
        {timeUsedSeconds !== null && ` · ${duration(timeUsedSeconds)}`}
        {` · ${hintsUsed === 0 ? 'no hints' : hintsUsed === 1 ? '1 hint' : `${hintsUsed} hints`}`}
      </span>
    </li>
  )
}
