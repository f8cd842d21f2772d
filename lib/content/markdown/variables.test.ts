import { renderToStaticMarkup } from 'react-dom/server'
import { expect, test } from 'vitest'
import { renderMarkdown } from '#lib/content/markdown/render.ts'
import { formatProblem } from '#lib/content/problem.ts'
import { type ElementComponents, toReact } from '#lib/content/to-react.ts'
import { labSchema } from '#lib/labs/schema.ts'

const lab = labSchema.parse({
  machines: [{ name: 'box', profile: 'root' }],
  vars: { port: { int: [8000, 8999] }, 'my-name': { pick: ['api', 'web'] } },
  tasks: [{ id: 'up', title: 'Up', check: { run: 'up.sh' } }],
})
const render = (text: string) => renderMarkdown(text, { root: '/', file: 'a.md', lab })

/** Only what these texts use. */
const components = {
  'dd-var': ({ name }: { name: string }) => `[${name}]`,
  'dd-run': ({ code, children }: { code: string; children: React.ReactNode }) =>
    code.includes('{{ vars.') ? children : null,
} as unknown as ElementComponents

test('a variable becomes an element of its own, in code too', async () => {
  const text = [
    "Port {{ vars.port }} of `web:{{vars.my-name}}/x`, and '{{.Name}}'.",
    '```sh run=box',
    'curl "localhost:{{ vars.port }}/{{ vars.my-name }}" # {{ vars.port }}, not 8{{ vars.port }}9 {{ x }}',
    '```',
  ]
  const { body, problems } = await render(text.join('\n'))
  expect(problems).toEqual([])
  expect(body.vars).toEqual(['port', 'my-name'])
  const shown = renderToStaticMarkup(toReact(body, components))
    .replace(/<[^>]*>/g, '')
    .replaceAll('&quot;', '"')
  expect(shown).toContain('Port [port] of web:[my-name]/x, and &#x27;{{.Name}}&#x27;.')
  expect(shown).toContain('curl "localhost:[port]/[my-name]" # [port], not 8[port]9 {{ x }}')
})

test('a scene becomes an element with its layers', async () => {
  const fault = (id: string, layer: string) => ({ id, layer, run: 'a.sh', mended: 'up' })
  const scenes = { dark: [fault('a', 'The route'), fault('b', 'A cable'), fault('c', 'The route')] }
  const broken = { root: '/', file: 'a.md', lab: labSchema.parse({ ...lab, scenes }) }
  const { body, problems } = await renderMarkdown(':::break{scene=dark}\nWhere?\n:::', broken)
  expect(problems).toEqual([])
  const seen: unknown[] = []
  const spy = { 'dd-break': ({ scene, layers }: object & Record<string, unknown>) => void seen.push([scene, layers]) }
  renderToStaticMarkup(toReact(body, spy as unknown as ElementComponents))
  expect(seen).toEqual([['dark', ['A cable', 'The route']]])
  const wrong = await renderMarkdown(':::break{scene=drak}\nWhere?\n:::', broken)
  expect(wrong.problems.map(formatProblem)).toEqual([
    'a.md:1:1: there is no scene "drak" in the lab; expected scene= one of: dark; did you mean dark?',
  ])
})

test.each([
  [
    'a misspelt one',
    'Text\nand {{ vars.prot }}.',
    ':2:5: the lab declares no variable "prot"; expected one of: port, my-name; did you mean port?',
  ],
  [
    'in a fence',
    '```sh run=box\nls\ncurl {{ vars.x }}\n```',
    ':3:6: the lab declares no variable "x"; expected one of: port, my-name',
  ],
  ['a sum', 'At {{ vars.port + 1 }}', ':1:4: "{{ vars.port + 1 }}" is no variable; expected {{ vars.name }}'],
  ['without an end', 'At {{ vars.port', ':1:4: "{{ vars.port" is no variable; expected {{ vars.name }}'],
  [
    'in a heading',
    '## At {{ vars.port }}',
    ':1:1: a heading is the same for everybody; expected no "{{ vars.… }}" in it',
  ],
  [
    'in an address',
    '[a](http://localhost:{{vars.port}}/)',
    ':1:1: an address is the same for everybody; expected no "{{ vars.… }}" in it',
  ],
  [
    'in a title',
    ':::note[At {{ vars.port }}]\nText.\n:::',
    ':1:8: a title is the same for everybody; expected no "{{ vars.… }}" in it',
  ],
])('refused: %s', async (_name, text, expected) => {
  const { problems } = await render(text)
  expect(problems.map(formatProblem)).toEqual([`a.md${expected}`])
})
