import type { ReactNode } from 'react'
import { CopyButton } from '#components/lesson/copy-button.tsx'
import { Fence } from '#components/lesson/fence.tsx'
import { LessonText } from '#components/lesson/lesson-text.tsx'
import { Badge } from '#components/ui/badge.tsx'
import { duration } from '#components/workspace/words.ts'
import type { Solution } from '#lib/content/types.ts'
import type { Debrief } from '#lib/progress/get-debrief.ts'

type DebriefPanelProps = { debrief: Debrief; solution: Solution | null; next: ReactNode }

/** The look back: how it went, the reference beside, and what next. Calm, and only for who may see it. */
export function DebriefPanel({ debrief, solution, next }: DebriefPanelProps) {
  const { solved, assisted, timeUsedSeconds, hintsUsed } = debrief
  return (
    <div className={solved ? 'mb-5' : undefined} data-testid="debrief">
      {solved && (
        <div className="border border-l-[3px] border-pass bg-pass-wash px-4 py-3">
          <p className="text-lg font-[640]">Solved</p>
          <p className="text-sm">All tasks held at the same time. The examiner saw it on the machine itself.</p>
          <dl className="mt-3 flex flex-wrap gap-x-8 gap-y-2">
            {timeUsedSeconds !== null && <Figure label="Time" value={duration(timeUsedSeconds)} />}
            <Figure label="Hints" value={hintsUsed === 0 ? 'none' : String(hintsUsed)} />
            {assisted && <Figure label="Solution" value={<Badge>assisted</Badge>} />}
          </dl>
          {next && <div className="mt-3 border-t border-rule pt-3 text-sm">{next}</div>}
        </div>
      )}
      {solution && (
        <details open={!solved} className="mt-3 border border-rule bg-sheet">
          <summary className="label px-4 py-3">Reference solution</summary>
          <div className="lesson grid max-w-none grid-cols-[minmax(0,1fr)] gap-3 px-4 pb-4 text-sm">
            {solution.steps.map(({ machine, terminal, script }) => (
              <Fence
                key={`${machine}-${terminal}-${script}`}
                label={`On ${machine} · ${terminal}`}
                action={<CopyButton code={script} />}
              >
                {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what can be scrolled can be scrolled by keyboard. */}
                <pre tabIndex={0}>
                  <code>{script}</code>
                </pre>
              </Fence>
            ))}
            {solution.text && <LessonText body={solution.text} />}
          </div>
        </details>
      )}
    </div>
  )
}

function Figure({ label, value }: { label: string; value: ReactNode }) {
  return (
    <div>
      <dt className="label">{label}</dt>
      <dd className="font-mono text-sm">{value}</dd>
    </div>
  )
}
