/** Which requests a policy looks at, in namespaces of ours alone. */
type Matches = { apiGroup: string; resources: string[]; operations: ('CREATE' | 'UPDATE')[] }[]
/** Every `expression` is CEL and must be true; `message` is told to whoever asked. */
export type Policy = {
  name: string
  part: 'machines' | 'learner'
  matches: Matches
  variables?: { name: string; expression: string }[]
  validations: { expression: string; message: string }[]
}
/** CEL that yields an `Object` to be merged into the request's own. */
export type Mutation = Pick<Policy, 'name' | 'part' | 'matches'> & { apply: string[] }
