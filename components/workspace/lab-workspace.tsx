import { cookies } from 'next/headers'
import type { ReactNode } from 'react'
import { DebriefPanel } from '#components/lesson/debrief-panel.tsx'
import { ClusterBanner } from '#components/shell/cluster-banner.tsx'
import { PANELS_COOKIE, parsePanels } from '#components/workspace/panels.ts'
import { summariseLab } from '#components/workspace/summarise-lab.ts'
import { Workspace } from '#components/workspace/workspace.tsx'
import { currentUser } from '#lib/auth/current-user.ts'
import type { ContentLab, Solution } from '#lib/content/types.ts'
import { getClusterStatus } from '#lib/progress/get-cluster-status.ts'
import { getDebrief } from '#lib/progress/get-debrief.ts'
import { findSandboxView } from '#lib/sandbox/get-sandbox-view.ts'

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
  return (
    <main
      id="main"
      data-print="flow"
      className="flex min-h-0 grow flex-col lg:h-[calc(100dvh-3.5rem)] lg:overflow-hidden"
    >
      <ClusterBanner initial={await getClusterStatus()} />
      <Workspace
        lab={await summariseLab(labId, title, lab.definition.lab)}
        initialView={view}
        signedIn={user !== null}
        panels={parsePanels((await cookies()).get(PANELS_COOKIE)?.value)}
        text={text}
        debrief={debrief && <DebriefPanel debrief={debrief} solution={solution} next={next} />}
        solutionHidden={solution !== null && !debrief}
      />
    </main>
  )
}
