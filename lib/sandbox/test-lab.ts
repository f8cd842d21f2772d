import { type Lab, labSchema } from '#lib/labs/schema.ts'

/** What cluster tests of networks share: a machine that reaches the cluster, one that does not, and what a test adds. */
export const twoMachineLab = (more: object = {}): Lab =>
  labSchema.parse({
    machines: [
      { name: 'workstation', profile: 'kubernetes' },
      { name: 'box', profile: 'root' },
    ],
    tasks: [{ id: 'one', title: 'The first', on: 'workstation', check: { run: 'checks/one.sh' } }],
    ...more,
  })
