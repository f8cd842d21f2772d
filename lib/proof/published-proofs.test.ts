import { describe, expect, test } from 'vitest'
import { loadCatalogue } from '#lib/content/load-catalogue.ts'
import { formatProblem } from '#lib/content/problem.ts'
import { readRecord } from '#lib/content/proof-record.ts'
import { loadProofs } from '#lib/proof/load-proof.ts'

describe.each(['content', 'lib/content/fixtures/labs'])('%s', async (folder) => {
  const { proofs, problems } = await loadProofs(folder, await loadCatalogue(folder), '')

  test('the scripts that prove its labs have no problem', () => {
    expect(problems.map(formatProblem)).toEqual([])
  })

  test('the record names no lab that is not there', async () => {
    const ids = proofs.map(({ id }) => id)
    expect(Object.keys(await readRecord(folder)).filter((id) => !ids.includes(id))).toEqual([])
  })
})
