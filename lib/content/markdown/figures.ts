import { dirname, join } from 'node:path/posix'
import type { Element, Root as HtmlRoot } from 'hast'
import type { Paragraph, Parent, Root } from 'mdast'
import type { LeafDirective } from 'mdast-util-directive'
import { visit } from 'unist-util-visit'
import type { Author } from '#lib/content/markdown/author.ts'
import { block, inline } from '#lib/content/markdown/nodes.ts'
import { parseSvg } from '#lib/content/markdown/svg.ts'
import { readContentFile } from '#lib/content/read-file.ts'

const MAX_FIGURE_BYTES = 64 * 1024
const SOURCE = /^figures\/[a-z0-9][a-z0-9-]*\.svg$/

/** Drawings by the name that stands in for them while the text around them is sanitised. */
type Figures = Map<string, Element>

/** Reads what `::figure` directives name and leaves `dd-figure` placeholders with their captions. */
export async function readFigures(
  tree: Root,
  author: Author,
  { root, file }: { root: string; file: string },
): Promise<Figures> {
  const figures: Figures = new Map()
  for (const { node, parent, index } of directivesIn(tree)) {
    const { src = '', alt = '' } = node.attributes ?? {}
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
    if (svg) figures.set(name, svg)
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
      const svg = node.tagName === 'dd-figure' ? figures.get(String(node.properties.name)) : undefined
      if (!svg) return
      node.tagName = 'figure'
      node.properties = {}
      node.children.unshift(svg)
    })
  }
}

function directivesIn(tree: Root): { node: LeafDirective; parent: Parent | Paragraph; index: number }[] {
  const found: { node: LeafDirective; parent: Parent | Paragraph; index: number }[] = []
  visit(tree, 'leafDirective', (node, index, parent) => {
    if (node.name === 'figure' && parent && index !== undefined) found.push({ node, parent: parent as Parent, index })
  })
  return found
}
