import { cookies } from 'next/headers'
import type { ReactNode } from 'react'
import { DebriefPanel } from '#components/lesson/debrief-panel.tsx'
import { ClusterBanner } from '#components/shell/cluster-banner.tsx'
import { parseSplit, SPLIT_COOKIE } from '#components/workspace/split.ts'
import { Workspace } from '#components/workspace/workspace.tsx'
import { currentUser } from '#lib/auth/current-user.ts'
import type { ContentLab, Solution } from '#lib/content/types.ts'
import { getClusterStatus } from '#lib/progress/get-cluster-status.ts'
import { getDebrief } from '#lib/progress/get-debrief.ts'
import { labTimes } from '#lib/sandbox/duration.ts'
import { findSandboxView } from '#lib/sandbox/get-sandbox-view.ts'
import { taskViews } from '#lib/sandbox/view-parts.ts'

type LabWorkspaceProps = {
  labId: string
  title: string
  lab: ContentLab
  /** Shown only once the attempt is solved, or to who asked for it. */
  solution: Solution | null
  text: ReactNode
  /** What to do after the solve. */
  next: ReactNode
}

/** A text with a lab as this reader finds it: their newest sandbox, their tasks, their look back. */
export async function LabWorkspace({ labId, title, lab, solution, text, next }: LabWorkspaceProps) {
  const user = await currentUser()
  const view = user && (await findSandboxView({ userId: user.id, labId }))
  const debrief = user && view && (await getDebrief({ userId: user.id, attemptId: view.attemptId }))
  const { machines } = lab.definition.lab
  return (
    <main id="main" data-print="flow" className="flex min-h-0 flex-col lg:h-[calc(100dvh-3.5rem)] lg:overflow-hidden">
      <ClusterBanner initial={await getClusterStatus()} />
      <Workspace
        lab={{
          labId,
          title,
          minutes: Math.round(labTimes(lab.definition.lab).budgetMs / 60_000),
          machines: machines.map(({ name, terminals }) => ({ name, terminals })),
          tasks: taskViews(lab.definition.lab, { results: [], hintUses: [] }),
        }}
        initialView={view}
        signedIn={user !== null}
        split={parseSplit((await cookies()).get(SPLIT_COOKIE)?.value)}
        text={text}
        debrief={debrief && <DebriefPanel debrief={debrief} solution={solution} next={next} />}
        solutionHidden={solution !== null && !debrief}
      />
    </main>
  )
}
