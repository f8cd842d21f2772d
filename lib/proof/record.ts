import type { ProofRecord } from '#lib/content/proof-record.ts'
import type { LabProof } from '#lib/proof/load-proof.ts'
import type { RunReport } from '#lib/proof/report.ts'

type Provable = Pick<LabProof, 'id' | 'digest' | 'lab'>

/**
 * What has to be proven now: labs that are not as they were when they were proven last, and one lab for each profile that
 * none of those has, as the platform changes, too.
 */
export function dueProofs<T extends Provable>(proofs: T[], record: ProofRecord): T[] {
  const due = proofs.filter(({ id, digest }) => record[id]?.digest !== digest)
  const covered = new Set(due.flatMap(profilesOf))
  // The quickest first: it stands for its profile.
  const known = proofs.filter((proof) => !due.includes(proof))
  const quickest = known.toSorted((a, b) => (record[a.id]?.seconds ?? 0) - (record[b.id]?.seconds ?? 0))
  for (const proof of quickest) {
    const profiles = profilesOf(proof)
    if (profiles.every((profile) => covered.has(profile))) continue
    for (const profile of profiles) covered.add(profile)
    due.push(proof)
  }
  return due
}

const profilesOf = ({ lab }: Provable) => lab.definition.lab.machines.map(({ profile }) => profile)

/** The record with what a run has proven; labs that are gone are, too. */
export function recorded(record: ProofRecord, all: Provable[], report: Omit<RunReport, 'results'>): ProofRecord {
  const next: ProofRecord = {}
  for (const { id, digest } of all.toSorted((a, b) => a.id.localeCompare(b.id, 'en'))) {
    const summary = report.labs.find(({ labId }) => labId === id)
    const before = record[id]
    if (summary && summary.failed === 0) {
      const seconds = Math.round((summary.solvedSeconds ?? 0) * 10) / 10
      next[id] = { digest, on: report.at.slice(0, 10), kubernetes: report.kubernetes, seconds }
    } else if (before) next[id] = before
  }
  return next
}
