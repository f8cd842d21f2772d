import type { Element, Root } from 'hast'
import { fromHtml } from 'hast-util-from-html'
import { visit } from 'unist-util-visit'
import { type ContentProblem, problemAt } from '#lib/content/problem.ts'
import { closest } from '#lib/labs/closest.ts'

const ELEMENTS = [
  'svg',
  'g',
  'defs',
  'marker',
  'symbol',
  'use',
  'path',
  'rect',
  'circle',
  'ellipse',
  'line',
  'polyline',
  'polygon',
  'text',
  'tspan',
  'title',
  'desc',
]
const ATTRIBUTES = new Set([
  'id',
  'xmlns',
  'viewBox',
  'transform',
  'd',
  'x',
  'y',
  'x1',
  'y1',
  'x2',
  'y2',
  'dx',
  'dy',
  'cx',
  'cy',
  'r',
  'rx',
  'ry',
  'width',
  'height',
  'points',
  'href',
  'fill',
  'fillOpacity',
  'stroke',
  'strokeWidth',
  'strokeDashArray',
  'strokeLineCap',
  'strokeLineJoin',
  'opacity',
  'fontFamily',
  'fontSize',
  'fontWeight',
  'textAnchor',
  'dominantBaseline',
  'letterSpacing',
  'markerStart',
  'markerMid',
  'markerEnd',
  'markerWidth',
  'markerHeight',
  'refX',
  'refY',
  'orient',
  'preserveAspectRatio',
])
/** `none`, the text's colour, or one of the theme's colours (`app/globals.css`). */
const PAINT =
  /^(?:none|currentColor|var\(--(?:paper|sheet|well|ink|ink-soft|rule|rule-strong|accent|accent-ink|pass)(?:, ?(?:currentColor|none))?\))$/
const LOCAL = /^(?:#[\w-]+|url\(#[\w-]+\))$/

type Options = {
  file: string
  /** Stands before every id, as several figures share one page. */
  prefix: string
  /** What the figure shows, for people who do not see it. */
  label: string
}

/**
 * An SVG file as a tree that is safe inside a page: an allow-list of elements and attributes, colours only by
 * `currentColor` and the theme's variables, references only within itself. Anything else is refused, never dropped.
 */
export function parseSvg(
  source: string,
  { file, prefix, label }: Options,
): { svg: Element | null; problems: ContentProblem[] } {
  const problems: ContentProblem[] = []
  const tree: Root = fromHtml(source, {
    fragment: true,
    space: 'svg',
    onerror: (error) => {
      problems.push(
        problemAt({ file, line: error.line ?? 1, column: error.column ?? 1 }, `the SVG is malformed: ${error.reason}`),
      )
    },
  })
  const tell = (node: Element, message: string, rest: { expected?: string; suggestion?: string | null } = {}) => {
    const { line = 1, column = 1 } = node.position?.start ?? {}
    problems.push(problemAt({ file, line, column }, message, rest))
  }
  const [svg, ...others] = tree.children.filter((node) => node.type === 'element')
  if (svg?.tagName !== 'svg' || others.length > 0 || !svg.properties.viewBox) {
    problems.push(
      problemAt({ file, line: 1, column: 1 }, 'this is not one drawing', { expected: '<svg viewBox="…">…</svg>' }),
    )
    return { svg: null, problems }
  }
  visit(svg, 'element', (node) => {
    if (!ELEMENTS.includes(node.tagName)) {
      tell(node, `<${node.tagName}> is not allowed in a figure`, {
        expected: `one of: ${ELEMENTS.join(', ')}`,
        suggestion: closest(node.tagName, ELEMENTS),
      })
    }
    for (const [name, value] of Object.entries(node.properties)) {
      const trouble = attributeTrouble(name, String(value))
      if (trouble)
        tell(node, `${name}="${String(value).slice(0, 60)}" is not allowed in a figure`, { expected: trouble })
    }
    node.children = node.children.filter((child) => child.type !== 'comment')
    prefixIds(node, prefix)
  })
  delete svg.properties.xmlns
  Object.assign(svg.properties, { role: 'img', ariaLabel: label })
  return { svg, problems }
}

/** What would be allowed in its place, or null when all is well. */
function attributeTrouble(name: string, value: string): string | null {
  if (!ATTRIBUTES.has(name)) return 'shapes, text and presentation attributes only'
  if (name === 'fill' || name === 'stroke')
    return PAINT.test(value) ? null : 'none, currentColor or a colour of the theme, e.g. var(--accent)'
  if (name === 'href' || (name.startsWith('marker') && /[a-z]\(/.test(value)))
    return LOCAL.test(value) ? null : 'a #name of this drawing'
  return name !== 'xmlns' && /url\(|javascript:|&|</i.test(value) ? 'a plain value' : null
}

function prefixIds({ properties }: Element, prefix: string): void {
  for (const [name, value] of Object.entries(properties)) {
    if (name === 'id') properties.id = `${prefix}-${value}`
    else if (typeof value === 'string' && LOCAL.test(value)) properties[name] = value.replace('#', `#${prefix}-`)
  }
}
