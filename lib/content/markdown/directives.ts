import type { Parent, PhrasingContent, Root, RootContent } from 'mdast'
import type { ContainerDirective, LeafDirective } from 'mdast-util-directive'
import { SKIP, visit } from 'unist-util-visit'
import type { Author } from '#lib/content/markdown/author.ts'
import { predictElement, quizElement } from '#lib/content/markdown/choices.ts'
import { breakElement, knownTask, recordElement, recordedElement, tabsElement } from '#lib/content/markdown/devices.ts'
import { block, inline, plain, splitLabel } from '#lib/content/markdown/nodes.ts'
import type { Place } from '#lib/content/problem.ts'
import { closest } from '#lib/labs/closest.ts'
import type { Lab } from '#lib/labs/schema.ts'

/** `references`: what the text leads to, `challenges/…` or `record:…`. `records`: the facts that its records keep, by id. */
type Found = { references: { id: string; place: Place }[]; records: Map<string, string> }
type Context = { author: Author; lab: Lab | null; ids: Set<string>; found: Found }
type Expand = (node: ContainerDirective, context: Context) => RootContent | null

/** Directives with a body, `:::name`. */
const CONTAINERS: Record<string, Expand> = {
  task: (node, context) => {
    const id = idOf(node, context)
    if (id) knownTask(id, { ...context, node })
    return block('dd-task', { name: id ?? '' }, node.children)
  },
  quiz: (node, context) => quizElement(node, idOf(node, context) ?? '', context.author),
  predict: (node, context) => predictElement(node, idOf(node, context) ?? '', context.author),
  tabs: (node, { author }) => tabsElement(node, author),
  record: (node, context) => {
    const { author, lab, found } = context
    return recordElement(node, idOf(node, context) ?? '', { node, author, lab, records: found.records })
  },
  break: (node, context) => breakElement(node, context),
  note: (node) => noteElement(node, 'Note'),
  tip: (node) => noteElement(node, 'Tip'),
  warning: (node) => noteElement(node, 'Warning'),
  details: (node, { author }) => {
    const { label, rest } = splitLabel(node)
    if (!label) author.tell(node, 'details without a title', { expected: ':::details[What is inside]' })
    return block('details', {}, [inline('summary', {}, label ?? []), ...rest])
  },
}

/** Directives in one line, `::name`. Figures are read later (`figures.ts`). */
const LEAVES = ['figure', 'challenge', 'recorded']

/** Replaces every directive by the element it stands for; what is none of ours is told, or text again (`10:am`). */
export function expandDirectives(tree: Root, author: Author, lab: Lab | null): Found {
  const found: Found = { references: [], records: new Map() }
  const ids = new Set<string>()
  visit(tree, (node, index, within) => {
    if (!within || index === undefined) return undefined
    const parent: Parent = within
    if (node.type === 'textDirective') {
      parent.children[index] = plain(author.sourceOf(node))
      return SKIP
    }
    if (node.type === 'leafDirective') {
      if (node.name === 'challenge') parent.children[index] = challengeElement(node, author, found)
      else if (node.name === 'recorded') {
        found.references.push({ id: `record:${node.attributes?.id}`, place: author.placeOf(node) })
        parent.children[index] = recordedElement(node, author)
      } else if (node.name !== 'figure') tellUnknown(node, LEAVES, '::', author)
      return undefined
    }
    if (node.type !== 'containerDirective' || node.data?.hName) return undefined
    const expand = Object.hasOwn(CONTAINERS, node.name) ? CONTAINERS[node.name] : undefined
    if (!expand) tellUnknown(node, Object.keys(CONTAINERS), ':::', author)
    else {
      const element = expand(node, { author, lab, ids, found })
      // The new node is visited next, in the place of this one.
      if (element) parent.children[index] = element
      return element ? [SKIP, index] : undefined
    }
    return undefined
  })
  return found
}

function tellUnknown(node: ContainerDirective | LeafDirective, names: string[], colons: string, author: Author): void {
  const known = names.map((name) => colons + name)
  const written = colons + node.name
  author.tell(node, `unknown directive "${written}"`, {
    expected: `one of: ${known.join(', ')}`,
    suggestion: closest(written, known),
  })
}

/** The `{#id}` of a directive, once in a text. */
function idOf(node: ContainerDirective, { author, ids }: Context): string | null {
  const id = node.attributes?.id
  if (!id) {
    author.tell(node, `a ${node.name} without an id`, { expected: `:::${node.name}{#a-name}` })
    return null
  }
  if (ids.has(`${node.name} ${id}`))
    author.tell(node, `a second ${node.name} "${id}"`, { expected: 'an id of its own' })
  ids.add(`${node.name} ${id}`)
  return id
}

function noteElement(node: ContainerDirective, name: string): ContainerDirective {
  const { label, rest } = splitLabel(node)
  const heading = label?.map((child) => ('value' in child ? child.value : '')).join('') ?? ''
  return block('dd-note', { kind: node.name, heading }, [
    inline('p', {}, [{ type: 'strong', children: label ?? [plain(name)] }]),
    block('div', { dataPart: 'text' }, rest),
  ])
}

function challengeElement(node: LeafDirective, author: Author, found: Found): RootContent {
  const id = node.attributes?.id ?? ''
  if (id) found.references.push({ id: `challenges/${id}`, place: author.placeOf(node) })
  else author.tell(node, 'a challenge card without an id', { expected: '::challenge{#two-namespaces}' })
  const link: PhrasingContent = { type: 'link', url: `/challenges/${id}`, children: [plain('Open the challenge')] }
  return block('dd-challenge', { name: `challenges/${id}` }, [inline('p', {}, [link])])
}
