import { dirname, join } from 'node:path/posix'
import type { Element, Root as HtmlRoot } from 'hast'
import type { Paragraph, Parent, Root } from 'mdast'
import type { LeafDirective } from 'mdast-util-directive'
import { visit } from 'unist-util-visit'
import type { Author } from '#lib/content/markdown/author.ts'
import { factOf, knownTask } from '#lib/content/markdown/devices.ts'
import { block, inline } from '#lib/content/markdown/nodes.ts'
import { parseSvg } from '#lib/content/markdown/svg.ts'
import { readContentFile } from '#lib/content/read-file.ts'
import { closest } from '#lib/labs/closest.ts'
import type { Lab } from '#lib/labs/schema.ts'

const MAX_FIGURE_BYTES = 64 * 1024
const SOURCE = /^figures\/[a-z0-9][a-z0-9-]*\.svg$/

/** Drawings by the name that stands in for them while the text around them is sanitised, and what is live in them. */
type Figures = Map<string, { svg: Element; live: string }>

/** Reads what `::figure` directives name and leaves `dd-figure` placeholders with their captions. */
export async function readFigures(
  tree: Root,
  author: Author,
  { root, file, lab }: { root: string; file: string; lab: Lab | null },
): Promise<Figures> {
  const figures: Figures = new Map()
  for (const { node, parent, index } of directivesIn(tree)) {
    const { src = '', alt = '', live = '' } = node.attributes ?? {}
    if (!src || !SOURCE.test(src)) {
      author.tell(node, `a figure cannot come from "${src ?? ''}"`, { expected: 'src="figures/name.svg"' })
      continue
    }
    if (!alt || alt.trim().length < 20) {
      author.tell(node, 'a figure without a text for people who do not see it', {
        expected: 'alt="…" that says what it shows',
      })
      continue
    }
    const path = join(dirname(file), src)
    const read = await readContentFile(root, path, MAX_FIGURE_BYTES)
    if ('problem' in read) {
      author.tell(node, `${src}: ${read.problem.message}`, { expected: read.problem.expected ?? '' })
      continue
    }
    const name = `${src.slice('figures/'.length, -'.svg'.length)}-${figures.size + 1}`
    const { svg, problems } = parseSvg(read.text, { file: path, prefix: name, label: alt.trim() })
    author.problems.push(...problems)
    if (svg) figures.set(name, { svg, live: liveParts(live ?? '', svg, name, { node, author, lab }) })
    parent.children[index] = block(
      'dd-figure',
      { name },
      node.children.length > 0 ? [inline('figcaption', {}, node.children)] : [],
    )
  }
  return figures
}

/** Puts the drawings where their placeholders are. Runs after sanitising: the drawings have passed their own fence. */
export function placeFigures(figures: Figures) {
  return (tree: HtmlRoot): void => {
    visit(tree, 'element', (node) => {
      const figure = node.tagName === 'dd-figure' ? figures.get(String(node.properties.name)) : undefined
      if (!figure) return
      const { svg, live } = figure
      node.tagName = 'figure'
      node.properties = {}
      node.children.unshift(
        live ? { type: 'element', tagName: 'dd-live', properties: { parts: live }, children: [svg] } : svg,
      )
    })
  }
}

/**
 * `live="cable:wired address:addresses.red"`: parts of a drawing by their ids, and what each follows: a task, or a value
 * that a task's script says, which takes the place of a text.
 * @returns the same with the ids that the drawing has in the page
 */
function liveParts(
  written: string,
  svg: Element,
  prefix: string,
  place: { node: LeafDirective; author: Author; lab: Lab | null },
): string {
  const tags = new Map<string, string>()
  visit(svg, 'element', ({ tagName, properties }) => {
    if (properties.id) tags.set(String(properties.id), tagName)
  })
  const parts = written.split(/\s+/).filter(Boolean)
  for (const part of parts) {
    const [id = '', follows = ''] = part.split(':')
    const tag = tags.get(`${prefix}-${id}`)
    if (!tag || !follows) {
      const ids = [...tags.keys()].map((known) => known.slice(prefix.length + 1))
      place.author.tell(place.node, `the drawing has no "${id}" that could follow "${follows}"`, {
        expected: `id:task or id:task.value with an id of the drawing (${ids.join(', ') || 'it has none'})`,
        suggestion: closest(id, ids),
      })
    } else if (!follows.includes('.')) knownTask(follows, place)
    else if (factOf(follows, place) && tag !== 'text' && tag !== 'tspan') {
      place.author.tell(place.node, `"${id}" is a <${tag}>, which shows no value`, { expected: 'a <text> or <tspan>' })
    }
  }
  return parts.map((part) => `${prefix}-${part}`).join(' ')
}

function directivesIn(tree: Root): { node: LeafDirective; parent: Parent | Paragraph; index: number }[] {
  const found: { node: LeafDirective; parent: Parent | Paragraph; index: number }[] = []
  visit(tree, 'leafDirective', (node, index, parent) => {
    if (node.name === 'figure' && parent && index !== undefined) found.push({ node, parent: parent as Parent, index })
  })
  return found
}
