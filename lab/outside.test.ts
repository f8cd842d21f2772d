import { expect, test, vi } from 'vitest'
import { needsOutside, openOutside, withoutOutside } from '#lab/outside.ts'
import { labSchema } from '#lib/labs/schema.ts'

const proof = (id: string, ...egress: string[]) => {
  const lab = labSchema.parse({
    machines: [{ name: 'box', profile: 'root' }],
    tasks: [{ id: 'up', title: 'It is up', check: { run: 'checks/up.sh' } }],
    egress,
  })
  return { id, lab: { definition: { lab, scripts: {} }, digest: id } }
}
const labs = [proof('none'), proof('other', 'pypi.example'), proof('needs', 'pypi.example', 'outside.example')]

test('a lab that needs the host of proofs is left out where that cannot be made, and it is said', async () => {
  const said = vi.spyOn(console, 'log').mockImplementation(() => {})
  expect(labs.filter(needsOutside).map(({ id }) => id)).toEqual(['needs'])
  await using parts = new AsyncDisposableStack()
  expect(await openOutside('/nowhere/kubeconfig', parts)).toBe(null)
  expect(withoutOutside(labs).map(({ id }) => id)).toEqual(['none', 'other'])
  expect(said.mock.calls).toEqual([[expect.stringContaining('needs is not proven: outside.example')]])
})
