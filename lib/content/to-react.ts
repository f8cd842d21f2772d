import type { Element, Root, RootContent } from 'hast'
import { type Components, toJsxRuntime } from 'hast-util-to-jsx-runtime'
import { toString as textOf } from 'mdast-util-to-string'
import { type ComponentType, cloneElement, type ReactNode } from 'react'
import { Fragment, jsx, jsxs } from 'react/jsx-runtime'
import rehypeStringify from 'rehype-stringify'
import { unified } from 'unified'
import type { Choice, ElementName, ElementProps } from '#lib/content/elements.ts'
import type { Body } from '#lib/content/types.ts'

/** One component for every interactive part. */
export type ElementComponents = { [Name in ElementName]: ComponentType<ElementProps[Name]> }

/** A body as React nodes; every interactive part goes through its component. Runs on the server and in the browser. */
export function toReact({ tree }: Body, components: ElementComponents): ReactNode {
  const mapping: Components = {}
  const options = { Fragment, jsx, jsxs, components: mapping, passNode: true } as const
  const render = (children: RootContent[]): ReactNode =>
    children.map((child, key) => {
      const inner = isElement(child) ? innerHtml(child) : null
      if (inner === null) return jsx(Fragment, { children: toJsxRuntime(rootOf([child]), options) }, key)
      const shell = toJsxRuntime({ ...child, children: [] } as Element, options)
      return cloneElement(shell, { key, dangerouslySetInnerHTML: { __html: inner } })
    })

  for (const name of Object.keys(PROPS) as ElementName[]) {
    // The names are ours, not HTML's, and a union of components loses its props: `name` ties both together.
    const component = components[name] as ComponentType<object>
    const element = ({ node }: { node: Element }) => jsx(component, PROPS[name](node, render))
    Object.assign(mapping, { [name]: element })
  }
  return render(tree.children)
}

const rootOf = (children: RootContent[]): Root => ({ type: 'root', children })
const stringifier = unified().use(rehypeStringify)
const known = new WeakMap<Element, string | null>()

/**
 * The content of an element in which nothing is interactive, as HTML, made once: React would render the thousands of
 * elements of a lesson anew for each reader, and send them twice. Null where React has to render it.
 */
function innerHtml(element: Element): string | null {
  const made = known.get(element)
  if (made !== undefined) return made
  // Inside of an <svg>, attributes are spelt in another way, which only the <svg> itself tells.
  const plain = element.tagName !== 'svg' && element.children.some((child) => isElement(child)) && !hasParts(element)
  const html = plain ? stringifier.stringify(rootOf(element.children)) : null
  known.set(element, html)
  return html
}

const hasParts = (element: Element): boolean =>
  element.tagName in PROPS || element.children.some((child) => isElement(child) && hasParts(child))

type Render = (children: RootContent[]) => ReactNode

const PROPS: { [Name in ElementName]: (node: Element, render: Render) => ElementProps[Name] } = {
  'dd-run': (node, render) => ({
    machine: text(node, 'machine'),
    code: text(node, 'code'),
    language: text(node, 'language'),
    expect: text(node, 'expect') || null,
    children: render(node.children),
  }),
  'dd-copy': (node, render) => ({
    code: text(node, 'code'),
    language: text(node, 'language'),
    children: render(node.children),
  }),
  'dd-task': (node, render) => ({ id: text(node, 'name'), children: render(node.children) }),
  'dd-note': (node, render) => ({
    kind: text(node, 'kind') as ElementProps['dd-note']['kind'],
    title: text(node, 'heading') || null,
    children: render(partOf(node, 'text')),
  }),
  'dd-quiz': (node, render) => ({
    id: text(node, 'name'),
    multiple: text(node, 'multiple') === 'true',
    question: render(partOf(node, 'question')),
    choices: choicesOf(node, render),
  }),
  'dd-predict': (node, render) => ({
    id: text(node, 'name'),
    question: render(partOf(node, 'question')),
    choices: choicesOf(node, render),
    children: render(partOf(node, 'reveal').filter((child) => !isElement(child, 'summary'))),
  }),
  'dd-break': (node, render) => ({
    scene: text(node, 'scene'),
    layers: partOf(node, 'layers').map((layer) => textOf(layer)),
    children: render(partOf(node, 'text')),
  }),
  'dd-var': (node) => ({ name: text(node, 'name') }),
  'dd-challenge': (node) => ({ id: text(node, 'name') }),
  'dd-tabs': (node, render) => ({
    tabs: node.children
      .filter((child) => isElement(child))
      .map(({ children: [label, ...content] }) => ({ label: label ? textOf(label) : '', content: render(content) })),
  }),
  'dd-record': (node, render) => ({
    id: text(node, 'name'),
    title: text(node, 'heading'),
    fact: text(node, 'fact'),
    unit: text(node, 'unit'),
    children: render(node.children),
  }),
  'dd-recorded': (node) => ({ id: text(node, 'name'), title: text(node, 'heading'), unit: text(node, 'unit') }),
  'dd-live': (node, render) => ({ parts: text(node, 'parts').split(' '), children: render(node.children) }),
}

function text(node: Element, property: string): string {
  const value = node.properties[property]
  return value === undefined || value === null ? '' : String(value)
}

function isElement(node: RootContent, tagName?: string): node is Element {
  return node.type === 'element' && (!tagName || node.tagName === tagName)
}

/** Children of the named part (`data-part`) directly below an element. */
function partOf(node: Element, name: string): RootContent[] {
  const part = node.children.filter((child) => isElement(child)).find((child) => child.properties.dataPart === name)
  return part?.children ?? []
}

function choicesOf(node: Element, render: Render): Choice[] {
  const items = partOf(node, 'choices').filter((child) => isElement(child, 'details'))
  return items.map((item) => {
    const explanation = partOf(item, 'explanation')
    return {
      correct: text(item, 'dataCorrect') === 'true',
      text: render(partOf(item, 'answer')),
      explanation: explanation.length > 0 ? render(explanation) : null,
    }
  })
}
