import type { Code, Parent, Root } from 'mdast'
import { SKIP, visit } from 'unist-util-visit'
import type { Author } from '#lib/content/markdown/author.ts'
import { LANGUAGES } from '#lib/content/markdown/highlight.ts'
import { block, inline, plain } from '#lib/content/markdown/nodes.ts'
import { closest } from '#lib/labs/closest.ts'
import type { Lab } from '#lib/labs/schema.ts'

const WORDS = ['run', 'copy', 'expect']

/** Fences that can be run or copied become elements; an `expect` fence joins the run fence right before it. */
export function expandFences(tree: Root, author: Author, lab: Lab | null): void {
  visit(tree, (parent) => {
    // What stands in an element of ours has been expanded already.
    if (!('children' in parent) || (parent.type === 'containerDirective' && parent.data?.hName)) return SKIP
    for (const [index, node] of parent.children.entries()) {
      if (node.type === 'code') expandFence(parent as Parent, index, node, author, lab)
    }
    parent.children = (parent as Parent).children.filter((child) => !taken.has(child)) as typeof parent.children
    return undefined
  })
}

/** Expect fences that have joined a run fence. */
const taken = new WeakSet<object>()

function expandFence(parent: Parent, index: number, node: Code, author: Author, lab: Lab | null): void {
  if (node.lang && !LANGUAGES.includes(node.lang)) {
    const suggestion = closest(node.lang, LANGUAGES)
    author.tell(node, `"${node.lang}" is not a language we colour`, {
      expected: `one of: ${LANGUAGES.join(', ')}`,
      suggestion,
    })
    node.lang = 'text'
  }
  const words = wordsOf(node, author)
  const language = node.lang ?? 'text'
  if (words.has('expect')) {
    if (!taken.has(node))
      author.tell(node, 'sample output stands alone', { expected: 'an expect fence right after a run fence' })
    return
  }
  const machine = words.get('run')
  if (machine === undefined) {
    if (words.has('copy')) parent.children[index] = block('dd-copy', { code: node.value, language }, [node])
    return
  }
  checkRun(node, machine, author, lab)
  const next = parent.children[index + 1]
  const sample = next?.type === 'code' && /(^|\s)expect(\s|$)/.test(next.meta ?? '') ? next : null
  if (sample) taken.add(sample)
  const output = sample
    ? [
        block('div', { dataPart: 'expect' }, [
          inline('p', {}, [plain(sampleLabel(sample.value))]),
          { ...sample, lang: 'text' },
        ]),
      ]
    : []
  const properties = { machine, code: node.value, language, ...(sample && { expect: sample.value }) }
  parent.children[index] = block('dd-run', properties, [node, ...output])
}

/** ` ```sh run=box copy ` → run: box, copy: '' */
function wordsOf(node: Code, author: Author): Map<string, string> {
  const words = new Map<string, string>()
  for (const word of (node.meta ?? '').split(/\s+/).filter(Boolean)) {
    const [name = '', value = ''] = word.split(/=(.*)/s)
    if (WORDS.includes(name)) words.set(name, value)
    else
      author.tell(node, `unknown word "${name}" on a fence`, {
        expected: `one of: ${WORDS.join(', ')}`,
        suggestion: closest(name, WORDS),
      })
  }
  return words
}

function checkRun(node: Code, machine: string, author: Author, lab: Lab | null): void {
  const machines = lab?.machines.map(({ name }) => name) ?? []
  if (machines.length === 0) author.tell(node, 'nothing can be run here', { expected: 'a lab.yaml beside the text' })
  else if (!machines.includes(machine)) {
    author.tell(node, `there is no machine "${machine}"`, {
      expected: `run= one of: ${machines.join(', ')}`,
      suggestion: closest(machine, machines),
    })
  }
  if (node.value.trim() === '') author.tell(node, 'there is nothing to run', { expected: 'a command' })
  if (/^\s*[$#%>] /m.test(node.value.replace(/^#.*$/gm, ''))) {
    author.tell(node, 'a prompt would be typed, too', { expected: 'the command without its prompt' })
  }
}

/** What `<n>` and its like mean, said where they are used. */
function sampleLabel(sample: string): string {
  const stands = [...new Set(sample.match(/<(?:ip|id|age|n)>/g))]
  return stands.length > 0 ? `Sample output (${stands.join(', ')}: yours will differ)` : 'Sample output'
}
