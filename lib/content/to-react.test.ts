import { createElement, type ReactNode } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { expect, test } from 'vitest'
import { renderMarkdown } from '#lib/content/markdown/render.ts'
import { type ElementComponents, toReact } from '#lib/content/to-react.ts'
import { labSchema } from '#lib/labs/schema.ts'

const lab = labSchema.parse({
  machines: [{ name: 'box', profile: 'root' }],
  tasks: [{ id: 'up', title: 'Up', check: { run: 'up.sh' } }],
})
const show = (name: string, props: object, children: ReactNode) =>
  createElement('section', null, `${name} ${JSON.stringify(props)} `, children)

const components: ElementComponents = {
  'dd-run': ({ children, ...props }) => show('run', props, children),
  'dd-copy': ({ children, ...props }) => show('copy', props, children),
  'dd-task': ({ children, ...props }) => show('task', props, children),
  'dd-note': ({ children, ...props }) => show('note', props, children),
  'dd-quiz': ({ id, multiple, question, choices }) =>
    show('quiz', { id, multiple, right: choices.map(({ correct }) => correct) }, [
      createElement('q', { key: 'q' }, question),
      ...choices.map(({ text, explanation }, key) =>
        createElement('li', { key }, text, ' because ', explanation ?? 'no reason'),
      ),
    ]),
  'dd-predict': ({ id, choices, children }) => show('predict', { id, choices: choices.length }, children),
  'dd-challenge': (props) => show('challenge', props, null),
  'dd-tabs': ({ tabs }) =>
    show(
      'tabs',
      { labels: tabs.map(({ label }) => label) },
      tabs.map(({ content, label }) => createElement('i', { key: label }, content)),
    ),
  'dd-record': ({ children, ...props }) => show('record', props, children),
  'dd-recorded': (props) => show('recorded', props, null),
  'dd-break': ({ children, ...props }) => show('break', props, children),
  'dd-var': (props) => show('var', props, null),
  'dd-live': ({ children, ...props }) => show('live', props, children),
}

async function page(text: string): Promise<string> {
  const { body, problems } = await renderMarkdown(text, { root: '/', file: 'a.md', lab })
  expect(problems).toEqual([])
  const html = renderToStaticMarkup(toReact(body, components))
  return html
    .replaceAll('&quot;', '"')
    .replace(/ (?:style|class|tabindex)="[^"]*"/g, '')
    .replace(/<\/?span>/g, '')
}

test('each part reaches its component with its props', async () => {
  expect(await page('```sh run=box\nls\n```\n')).toBe(
    '<section>run {"machine":"box","code":"ls","language":"sh","expect":null} <pre><code>ls</code></pre></section>',
  )
  expect(await page(':::task{#up}\nDo.\n:::\n')).toBe('<section>task {"id":"up"} <p>Do.</p></section>')
  expect(await page(':::warning\nHot.\n:::\n')).toBe(
    '<section>note {"kind":"warning","title":null} <p>Hot.</p></section>',
  )
  expect(await page('::challenge{#one}\n')).toBe('<section>challenge {"id":"challenges/one"} </section>')
})

test('a question comes apart into question and choices', async () => {
  expect(await page(':::quiz{#q}\nWhy?\n\n- [x] `a`\n- [ ] b\n  > For c.\n:::\n')).toBe(
    '<section>quiz {"id":"q","multiple":false,"right":[true,false]} <q><p>Why?</p></q>' +
      '<li><code>a</code> because no reason</li><li>b because <p>For c.</p></li></section>',
  )
})

test('parts inside parts', async () => {
  const text = '::::predict{#p}\nWhat?\n\n- [x] a\n- [ ] b\n\n:::tip[Look]\nHere.\n:::\n::::\n'
  expect(await page(text)).toBe(
    '<section>predict {"id":"p","choices":2} <section>note {"kind":"tip","title":"Look"} <p>Here.</p></section></section>',
  )
})

test('what is around parts stays as it was written, wherever it is', async () => {
  const html = await page('A *b* `c`\n\n- one\n- **two**\n\n:::tip\nHere *too*.\n:::\n')
  expect(html.replaceAll('\n', '')).toBe(
    '<p>A <em>b</em> <code>c</code></p><ul><li>one</li><li><strong>two</strong></li></ul>' +
      '<section>note {"kind":"tip","title":null} <p>Here <em>too</em>.</p></section>',
  )
})
