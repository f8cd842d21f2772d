import { ChallengeCard } from '#components/lesson/challenge-card.tsx'
import { CopyFence } from '#components/lesson/copy-fence.tsx'
import { Predict } from '#components/lesson/predict.tsx'
import { BreakScene, LessonTabs, LiveFigure, Quiz } from '#components/lesson/rare-elements.tsx'
import { MeasuredRecord, RecordedValue } from '#components/lesson/record.tsx'
import { RunFence } from '#components/lesson/run-fence.tsx'
import { TaskMark } from '#components/lesson/task-mark.tsx'
import { Variable } from '#components/lesson/variable.tsx'
import { Callout } from '#components/ui/callout.tsx'
import type { NoteProps } from '#lib/content/elements.ts'
import type { ElementComponents } from '#lib/content/to-react.ts'

const NAME = { note: 'Note', tip: 'Tip', warning: 'Mind' }

function Note({ kind, title, children }: NoteProps) {
  return (
    <Callout tone={kind} label={title ?? NAME[kind]}>
      {children}
    </Callout>
  )
}

/** A component for every interactive part of a text. */
export const lessonElements: ElementComponents = {
  'dd-run': RunFence,
  'dd-copy': CopyFence,
  'dd-task': TaskMark,
  'dd-note': Note,
  'dd-quiz': Quiz,
  'dd-predict': Predict,
  'dd-challenge': ChallengeCard,
  'dd-tabs': LessonTabs,
  'dd-record': MeasuredRecord,
  'dd-recorded': RecordedValue,
  'dd-live': LiveFigure,
  'dd-break': BreakScene,
  'dd-var': Variable,
}
