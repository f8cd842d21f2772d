import { db } from '#lib/db/client.ts'
import { verdictWord } from '#lib/sandbox/view-parts.ts'

/** A verdict that a learner thinks wrong: what they wrote, and what the examiner had said. Nothing tells who they are. */
export type Report = {
  labId: string
  taskId: string
  verdict: 'pass' | 'not-yet' | 'broken' | null
  evidence: string
  text: string
  reportedAt: Date
}

/** The latest reports, of one lab or of all, newest first. */
export async function listReports({ labId, limit }: { labId?: string | undefined; limit: number }): Promise<Report[]> {
  const rows = await db().checkReport.findMany({
    where: labId === undefined ? {} : { sandbox: { labId } },
    orderBy: { reportedAt: 'desc' },
    take: limit,
    include: { sandbox: { select: { labId: true } } },
  })
  return rows.map(({ sandbox, taskId, verdict, evidence, text, reportedAt }) => ({
    labId: sandbox.labId,
    taskId,
    verdict: verdict && verdictWord(verdict),
    evidence,
    text,
    reportedAt,
  }))
}
