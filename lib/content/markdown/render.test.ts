import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import type { Root } from 'hast'
import rehypeStringify from 'rehype-stringify'
import { unified } from 'unified'
import { visit } from 'unist-util-visit'
import { afterAll, expect, test } from 'vitest'
import { renderMarkdown } from '#lib/content/markdown/render.ts'
import { formatProblem } from '#lib/content/problem.ts'
import { labSchema } from '#lib/labs/schema.ts'

const root = mkdtempSync(join(tmpdir(), 'drydock-markdown-'))
mkdirSync(join(root, 'figures'))
afterAll(() => rmSync(root, { recursive: true }))

const lab = labSchema.parse({
  machines: [{ name: 'box', profile: 'root' }],
  tasks: [{ id: 'up', title: 'Up', check: { run: 'up.sh' } }],
})
const render = (text: string, withLab: typeof lab | null = lab) =>
  renderMarkdown(text, { root, file: 'a.md', lab: withLab })
const html = (tree: Root) => unified().use(rehypeStringify).stringify(tree)
/** HTML of a text without problems, colours of code taken off. */
async function page(text: string): Promise<string> {
  const { body, problems } = await render(text)
  expect(problems).toEqual([])
  return html(body.tree)
    .replace(/ (?:style|class|tabindex)="[^"]*"/g, '')
    .replace(/<\/?span>/g, '')
}
const problems = async (text: string, withLab: typeof lab | null = lab) =>
  (await render(text, withLab)).problems.map(formatProblem)

test('a fence that runs takes the sample output below it along', async () => {
  expect(await page('```sh run=box copy\nip link\n```\n\n```text expect\nlo <n>\n```\n')).toBe(
    '<dd-run machine="box" code="ip link" language="sh" expect="lo <n>"><pre><code>ip link</code></pre>' +
      '<div data-part="expect"><p>Sample output (&#x3C;n>: yours will differ)</p><pre><code>lo &#x3C;n></code></pre></div></dd-run>',
  )
})

test('code is coloured for both themes without a colour of its own', async () => {
  const { body } = await render('```sh\nls -l # all\n```\n')
  expect(html(body.tree)).toMatch(/<span style="--shiki-light:#[0-9A-F]{6};--shiki-dark:#[0-9A-F]{6}">/)
  expect(html(body.tree)).not.toMatch(/style="color/)
})

test('a quiz reads without JavaScript', async () => {
  expect(await page(':::quiz{#q}\nWhy?\n\n- [x] So\n  > Yes, *so*.\n- [ ] No\n  > Not `so`.\n:::\n')).toBe(
    '<dd-quiz name="q" multiple="false"><div data-part="question"><p>Why?</p></div><div data-part="choices">' +
      '<details data-correct="true"><summary data-part="answer">So</summary><div data-part="explanation"><p>Yes, <em>so</em>.</p></div></details>' +
      '<details data-correct="false"><summary data-part="answer">No</summary><div data-part="explanation"><p>Not <code>so</code>.</p></div></details>' +
      '</div></dd-quiz>',
  )
})

test('two right answers make a quiz multiple', async () => {
  expect(await page(':::quiz{#q}\nWhich?\n\n- [x] A\n- [x] B\n:::\n')).toContain('multiple="true"')
})

test('a prediction hides what happens behind its choices', async () => {
  const text =
    '::::predict{#p}\nWhat?\n\n- [x] A\n- [ ] B\n\n```sh run=box\nls\n```\n\n:::note[Look]\nHere.\n:::\n::::\n'
  expect(await page(text)).toContain(
    '<details data-part="reveal"><summary>What happens</summary><dd-run machine="box" code="ls" language="sh"><pre><code>ls</code></pre></dd-run>' +
      '<dd-note kind="note" heading="Look"><p><strong>Look</strong></p><div data-part="text"><p>Here.</p></div></dd-note></details>',
  )
})

test('tasks, details, copies and cards', async () => {
  expect(await page(':::task{#up}\nDo.\n:::\n')).toBe('<dd-task name="up"><p>Do.</p></dd-task>')
  expect(await page(':::details[More *of* it]\nText.\n:::\n')).toBe(
    '<details><summary>More <em>of</em> it</summary><p>Text.</p></details>',
  )
  expect(await page('```json copy\n{}\n```\n')).toBe(
    '<dd-copy code="{}" language="json"><pre><code>{}</code></pre></dd-copy>',
  )
  expect(await page('::challenge{#one}\n')).toBe(
    '<dd-challenge name="challenges/one"><p><a href="/challenges/one">Open the challenge</a></p></dd-challenge>',
  )
})

test('tabs and records read without JavaScript', async () => {
  expect(await page('::::tabs\n:::tab[`ip`]\nA.\n:::\n:::tab[By hand]\nB.\n:::\n::::\n')).toBe(
    '<dd-tabs><div data-part="tab"><p><strong><code>ip</code></strong></p><p>A.</p></div>' +
      '<div data-part="tab"><p><strong>By hand</strong></p><p>B.</p></div></dd-tabs>',
  )
  const kept = ':::record[Idle memory]{#idle of=up.mib unit=MiB}\nLook.\n:::\n\n::recorded[Memory]{#other unit=MiB}\n'
  expect(await page(kept)).toBe(
    '<dd-record name="idle" heading="Idle memory" fact="up.mib" unit="MiB"><p>Look.</p></dd-record>' +
      '\n<dd-recorded name="other" heading="Memory" unit="MiB"></dd-recorded>',
  )
  const { body, references } = await render(kept)
  expect(body).toMatchObject({ facts: ['up.mib'], records: { idle: 'up.mib' }, recorded: ['other'] })
  expect(references).toMatchObject([{ id: 'record:other' }])
})

test('a live figure names its parts as the page does, and what its text shows', async () => {
  const svg = '<svg viewBox="0 0 9 9"><rect id="cable" width="1" height="1"/><text id="ip">?</text></svg>'
  writeFileSync(join(root, 'figures/live.svg'), svg)
  const figure = (live: string) =>
    `::figure{src="figures/live.svg" alt="A cable and an address below it." live="${live}"}\n`
  const { body, problems: none } = await render(figure('cable:up ip:up.address'))
  expect(none).toEqual([])
  expect(html(body.tree)).toContain('<figure><dd-live parts="live-1-cable:up live-1-ip:up.address"><svg')
  expect(body.facts).toEqual(['up.address'])
  expect(await problems(figure('cabel:up'))).toEqual([
    'a.md:1:1: the drawing has no "cabel" that could follow "up"; expected id:task or id:task.value with an id of the drawing (cable, ip); did you mean cable?',
  ])
  expect(await problems(figure('cable:up.address'))).toEqual([
    'a.md:1:1: "cable" is a <rect>, which shows no value; expected a <text> or <tspan>',
  ])
  expect(await problems(figure('ip:down.address'))).toEqual([
    'a.md:1:1: there is no task "down" in the lab; expected one of: up',
  ])
})

test('GFM, headings with ids, and text that only looks like a directive', async () => {
  const { body } = await render('## Look here\n\n### And there\n')
  expect(body.headings).toEqual([
    { id: 'look-here', text: 'Look here', depth: 2 },
    { id: 'and-there', text: 'And there', depth: 3 },
  ])
  expect(await page('At 10:am, eth0:main and ~~no~~ `{{.Name}}` {{ other }}.\n')).toBe(
    '<p>At 10:am, eth0:main and <del>no</del> <code>{{.Name}}</code> {{ other }}.</p>',
  )
  expect(await page('| a |\n| - |\n| b |\n')).toContain('<td>b</td>')
})

test.each([
  [
    'a script',
    'Text.\n\n<script>alert(1)</script>\n',
    '3:1: HTML is not allowed in a text; expected Markdown or a directive',
  ],
  ['HTML inline', 'A <b onclick="x">b</b>.\n', '1:3: HTML is not allowed in a text; expected Markdown or a directive'],
  ['a comment', '<!-- x -->\n', '1:1: HTML is not allowed in a text; expected Markdown or a directive'],
  [
    'a javascript: link',
    '[a](javascript:alert)\n',
    '1:1: a link may not lead to "javascript:alert"; expected https:, http:, mailto:, /a/page or #a-heading',
  ],
  [
    'one behind a reference',
    '[a][b]\n\n[b]: JaVaScRiPt:alert\n',
    '3:1: a link may not lead to "JaVaScRiPt:alert"; expected https:, http:, mailto:, /a/page or #a-heading',
  ],
  [
    'a data: link',
    '[a](data:text/html,x)\n',
    '1:1: a link may not lead to "data:text/html,x"; expected https:, http:, mailto:, /a/page or #a-heading',
  ],
  [
    'a link to another host',
    '[a](//evil.example)\n',
    '1:1: a link may not lead to "//evil.example"; expected https:, http:, mailto:, /a/page or #a-heading',
  ],
  [
    'a picture',
    '![a](https://x.example/a.png)\n',
    '1:1: pictures come as figures; expected ::figure[Caption]{src="figures/name.svg" alt="…"}',
  ],
  ['a title', '# A\n', '1:1: the title comes from the front matter; expected headings from ## on'],
  [
    'a variable',
    'Port {{ vars.port }}.\n',
    '1:6: the lab declares no variable "port"; expected a name under vars in lab.yaml',
  ],
  [
    'a directive that is none',
    ':::nope\nx\n:::\n',
    '1:1: unknown directive ":::nope"; expected one of: :::task, :::quiz, :::predict, :::tabs, :::record, :::break, :::note, :::tip, :::warning, :::details; did you mean :::note?',
  ],
  [
    'a leaf that is none',
    '::challeng{#a}\n',
    '1:1: unknown directive "::challeng"; expected one of: ::figure, ::challenge, ::recorded; did you mean ::challenge?',
  ],
  [
    'a prototype as a directive',
    ':::constructor\nx\n:::\n',
    '1:1: unknown directive ":::constructor"; expected one of: :::task, :::quiz, :::predict, :::tabs, :::record, :::break, :::note, :::tip, :::warning, :::details',
  ],
  [
    'a task that is none',
    ':::task{#upp}\nx\n:::\n',
    '1:1: there is no task "upp" in the lab; expected one of: up; did you mean up?',
  ],
  [
    'a task twice',
    ':::task{#up}\nx\n:::\n\n:::task{#up}\nx\n:::\n',
    '5:1: a second task "up"; expected an id of its own',
  ],
  [
    'a quiz without an id',
    ':::quiz\nWhy?\n\n- [x] A\n- [x] B\n:::\n',
    '1:1: a quiz without an id; expected :::quiz{#a-name}',
  ],
  [
    'a wrong answer unexplained',
    ':::quiz{#q}\nWhy?\n\n- [x] A\n- [ ] B\n:::\n',
    '5:1: a wrong answer is not explained; expected a quote below it: "> Not so, because …"',
  ],
  [
    'no right answer',
    ':::quiz{#q}\nWhy?\n\n- [ ] A\n- [ ] B\n:::\n',
    '1:1: no choice of the quiz is right; expected at least one "- [x]"',
  ],
  [
    'a choice without a box',
    ':::quiz{#q}\nWhy?\n\n- [x] A\n- B\n:::\n',
    '5:1: a choice does not say whether it is right; expected "- [x]" or "- [ ]"',
  ],
  [
    'nothing to choose',
    ':::predict{#q}\nWhy?\n:::\n',
    '1:1: the predict has nothing to choose; expected a list of at least two choices',
  ],
  [
    'a prediction of nothing',
    ':::predict{#q}\nWhy?\n\n- [x] A\n- [ ] B\n:::\n',
    '1:1: a prediction reveals nothing; expected a run fence or a text after the choices',
  ],
  [
    'an unknown machine',
    '```sh run=bux\nls\n```\n',
    '1:1: there is no machine "bux"; expected run= one of: box; did you mean box?',
  ],
  [
    'a prompt',
    '```sh run=box\n$ ls\n```\n',
    '1:1: a prompt would be typed, too; expected the command without its prompt',
  ],
  ['an empty run', '```sh run=box\n```\n', '1:1: there is nothing to run; expected a command'],
  [
    'a stray sample',
    '```text expect\nx\n```\n',
    '1:1: sample output stands alone; expected an expect fence right after a run fence',
  ],
  [
    'a misspelt word',
    '```sh rum=box\nls\n```\n',
    '1:1: unknown word "rum" on a fence; expected one of: run, copy, expect; did you mean run?',
  ],
  [
    'an unknown language',
    '```bsh\nls\n```\n',
    '1:1: "bsh" is not a language we colour; expected one of: sh, bash, console, dockerfile, go, http, ini, js, json, nginx, python, text, yaml; did you mean sh?',
  ],
])('refused: %s', async (_name, text, expected) => {
  expect(await problems(text)).toContain(`a.md:${expected}`)
})

test('without a lab nothing runs', async () => {
  expect(await problems('```sh run=box\nls\n```\n', null)).toEqual([
    'a.md:1:1: nothing can be run here; expected a lab.yaml beside the text',
  ])
})

const ALT = 'Two boxes with one cable between them'
async function figure(svg: string, alt = ALT): Promise<{ html: string; problems: string[] }> {
  writeFileSync(join(root, 'figures/f.svg'), svg)
  const { body, problems } = await render(`::figure[Cap]{src="figures/f.svg" alt="${alt}"}\n`)
  return { html: html(body.tree), problems: problems.map(formatProblem) }
}
const svg = (inner: string) => `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">\n${inner}\n</svg>`

test('a figure is drawn into the page, named, its ids its own', async () => {
  const { html: drawn, problems } = await figure(
    svg(
      '<!-- x --><defs><marker id="m"><path d="M0 0"/></marker></defs><path d="M0 0" stroke="var(--accent, currentColor)" marker-end="url(#m)"/><use href="#m"/>',
    ),
  )
  expect(problems).toEqual([])
  expect(drawn).toBe(
    `<figure><svg viewBox="0 0 9 9" role="img" aria-label="${ALT}">\n<defs><marker id="f-1-m"><path d="M0 0"></path></marker></defs>` +
      '<path d="M0 0" stroke="var(--accent, currentColor)" marker-end="url(#f-1-m)"></path><use href="#f-1-m"></use>\n</svg><figcaption>Cap</figcaption></figure>',
  )
})

test.each([
  ['a script', '<script>alert(1)</script>', '<script> is not allowed in a figure'],
  ['an event handler', '<path onclick="alert(1)"/>', 'onClick="alert(1)" is not allowed in a figure'],
  ['foreignObject', '<foreignObject><p>x</p></foreignObject>', '<foreignObject> is not allowed in a figure'],
  [
    'an animation of a link',
    '<animate attributeName="href" to="javascript:x"/>',
    '<animate> is not allowed in a figure',
  ],
  ['a style', '<style>*{fill:red}</style>', '<style> is not allowed in a figure'],
  [
    'a style attribute',
    '<path style="fill:url(https://x.example)"/>',
    'style="fill:url(https://x.example)" is not allowed in a figure',
  ],
  ['a picture from elsewhere', '<image href="https://x.example/a.png"/>', '<image> is not allowed in a figure'],
  [
    'a use of another file',
    '<use href="https://x.example/a.svg#b"/>',
    'href="https://x.example/a.svg#b" is not allowed in a figure',
  ],
  [
    'a use with xlink',
    '<use xlink:href="data:image/svg+xml,x"/>',
    'xLinkHref="data:image/svg+xml,x" is not allowed in a figure',
  ],
  [
    'a marker from elsewhere',
    '<path marker-end="url(https://x.example#m)"/>',
    'markerEnd="url(https://x.example#m)" is not allowed in a figure',
  ],
  ['a colour of its own', '<path fill="#fff"/>', 'fill="#fff" is not allowed in a figure'],
  ['a link', '<a href="javascript:alert(1)"><path/></a>', '<a> is not allowed in a figure'],
])('refused in a figure: %s', async (_name, inner, message) => {
  const { problems } = await figure(svg(inner))
  expect(problems.some((line) => line.startsWith('figures/f.svg:2:') && line.includes(message))).toBe(true)
})

test('a figure needs a drawing, a place below the text and words', async () => {
  expect((await figure('<p>x</p>')).problems).toContain(
    'figures/f.svg:1:1: this is not one drawing; expected <svg viewBox="…">…</svg>',
  )
  expect((await figure(svg(''), 'short')).problems).toEqual([
    'a.md:1:1: a figure without a text for people who do not see it; expected alt="…" that says what it shows',
  ])
  for (const src of ['../f.svg', 'figures/../../f.svg', '/etc/passwd', 'https://x.example/f.svg', 'figures/f.png']) {
    expect(await problems(`::figure{src="${src}" alt="${ALT}"}\n`)).toEqual([
      `a.md:1:1: a figure cannot come from "${src}"; expected src="figures/name.svg"`,
    ])
  }
  expect(await problems(`::figure{src="figures/none.svg" alt="${ALT}"}\n`)).toEqual([
    'a.md:1:1: figures/none.svg: the file is missing; expected a text file',
  ])
})

test('whatever an author writes, no script reaches the tree', async () => {
  const piece = fc.constantFrom(
    '<script>',
    '<img src=x onerror=y>',
    '[a](javascript:x)',
    '![a](x)',
    ':::note[',
    ']',
    ':::',
    '::figure{src=',
    '```sh run=box',
    '```',
    '- [x] ',
    '> ',
    '\n',
    '\n\n',
    '{#id onclick="x"}',
    ':a[b]{href="javascript:x"}',
    '**',
    '`',
    '<svg onload=x>',
    'text ',
    '::::predict{#p}',
    '[^1]',
    '[^1]: ',
  )
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 25 }), async (pieces) => {
      const { body } = await render(pieces.join(''))
      visit(body.tree, 'element', (node) => {
        expect(['script', 'img', 'iframe', 'style', 'svg']).not.toContain(node.tagName)
        for (const [name, value] of Object.entries(node.properties)) {
          expect(name).not.toMatch(/^on/i)
          if (name === 'href') expect(String(value)).toMatch(/^(?:https?:|mailto:|\/(?!\/)|#)/)
        }
      })
      visit(body.tree, (node) => expect(node.type).not.toBe('raw'))
    }),
    { numRuns: 150 },
  )
})
