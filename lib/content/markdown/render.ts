import type { Root } from 'hast'
import { toString as textOf } from 'mdast-util-to-string'
import rehypeSanitize from 'rehype-sanitize'
import rehypeSlug from 'rehype-slug'
import remarkDirective from 'remark-directive'
import remarkGfm from 'remark-gfm'
import remarkParse from 'remark-parse'
import remarkRehype from 'remark-rehype'
import { unified } from 'unified'
import { visit } from 'unist-util-visit'
import { Author } from '#lib/content/markdown/author.ts'
import { expandDirectives } from '#lib/content/markdown/directives.ts'
import { expandFences } from '#lib/content/markdown/fences.ts'
import { placeFigures, readFigures } from '#lib/content/markdown/figures.ts'
import { rehypeHighlight } from '#lib/content/markdown/highlight.ts'
import { refuseUnsafe } from '#lib/content/markdown/refuse.ts'
import { sanitizeSchema } from '#lib/content/markdown/sanitize.ts'
import { checkVariables, markVariables, placeVariables, variablesIn } from '#lib/content/markdown/variables.ts'
import type { ContentProblem, Place } from '#lib/content/problem.ts'
import type { Body, Heading } from '#lib/content/types.ts'
import type { Lab } from '#lib/labs/schema.ts'

export type MarkdownOptions = {
  /** The content folder. */
  root: string
  /** The text's own path below it. */
  file: string
  /** The lab beside the text, for what the text says about machines and tasks. */
  lab: Lab | null
}

/** `references`: what the text leads to, `challenges/…` or `record:…`, for a check once all of content is known. */
export type Rendered = { body: Body; references: { id: string; place: Place }[]; problems: ContentProblem[] }

/**
 * Markdown (CommonMark, GFM, directives) to a sanitised tree. Line numbers are the source's: front matter must have been
 * blanked, not cut. A text with problems still gives a tree, which must then not be shown.
 */
export async function renderMarkdown(source: string, options: MarkdownOptions): Promise<Rendered> {
  const author = new Author(options.file, source)
  const tree = unified().use(remarkParse).use(remarkGfm).use(remarkDirective).parse(source)

  refuseUnsafe(tree, author)
  checkVariables(tree, author, options.lab)
  expandFences(tree, author, options.lab)
  const { references, records } = expandDirectives(tree, author, options.lab)
  const figures = await readFigures(tree, author, options)
  const names = markVariables(tree)

  const html = await unified()
    .use(remarkRehype)
    .use(rehypeSanitize, sanitizeSchema)
    .use(rehypeSlug)
    .use(rehypeHighlight)
    .use(placeVariables, names)
    .use(placeFigures, figures)
    .run(tree)
  const facts = factsOf(html)
  const body: Body = {
    tree: withoutPositions(html),
    headings: headingsOf(html),
    facts,
    records: Object.fromEntries(records),
    recorded: recordedOf(html),
    vars: variablesIn(html),
  }
  return { body, references, problems: author.problems }
}

function headingsOf(tree: Root): Heading[] {
  const headings: Heading[] = []
  visit(tree, 'element', (node) => {
    const depth = /^h([2-4])$/.exec(node.tagName)?.[1]
    if (depth) headings.push({ id: String(node.properties.id ?? ''), text: textOf(node), depth: Number(depth) })
  })
  return headings
}

/** What live figures and records show: nothing else that a script says by `value` reaches a page. */
function factsOf(tree: Root): string[] {
  const facts = new Set<string>()
  visit(tree, 'element', ({ tagName, properties }) => {
    if (tagName === 'dd-record') facts.add(String(properties.fact))
    if (tagName !== 'dd-live') return
    for (const part of String(properties.parts).split(' ')) facts.add(part.slice(part.indexOf(':') + 1))
  })
  return [...facts].filter((fact) => fact.includes('.'))
}

function recordedOf(tree: Root): string[] {
  const ids = new Set<string>()
  visit(tree, { tagName: 'dd-recorded' }, (node) => {
    if (node.type === 'element') ids.add(String(node.properties.name))
  })
  return [...ids]
}

/** Half of a tree's weight, and of no use once problems are told. */
function withoutPositions(tree: Root): Root {
  visit(tree, (node) => {
    delete node.position
    delete node.data
  })
  return tree
}
