import type { Element, ElementContent, Root as HtmlRoot, Text } from 'hast'
import type { Nodes, Root } from 'mdast'
import { SKIP, visit } from 'unist-util-visit'
import type { Author } from '#lib/content/markdown/author.ts'
import { closest } from '#lib/labs/closest.ts'
import type { Lab } from '#lib/labs/schema.ts'

/** A variable of the lab in a text. Everything else in braces stays text (`docker inspect -f '{{.Name}}'`). */
const WRITTEN = /\{\{\s*vars\b[^{}]*\}{0,2}/g
const VARIABLE = /^\{\{\s*vars\.(?<name>[A-Za-z_][\w-]*)\s*\}\}$/

/** Tells what is no variable of the lab, or stands where every reader has to see the same. */
export function checkVariables(tree: Root, author: Author, lab: Lab | null): void {
  const known = Object.keys(lab?.vars ?? {})
  visit(tree, (node) => {
    const fixed = sameForAll(node, author)
    if (fixed && /\{\{\s*vars\b/.test(fixed.text)) {
      author.tell(node, `${fixed.what} is the same for everybody`, { expected: 'no "{{ vars.… }}" in it' })
      return SKIP
    }
    if (node.type !== 'text' && node.type !== 'inlineCode' && node.type !== 'code') return undefined
    for (const [written] of node.value.matchAll(WRITTEN)) {
      const { name } = VARIABLE.exec(written)?.groups ?? {}
      const tell = (message: string, rest: { expected: string; suggestion?: string | null }) =>
        author.tellWithin(node, written, message, rest)
      if (name === undefined) tell(`"${written}" is no variable`, { expected: '{{ vars.name }}' })
      else if (!known.includes(name)) {
        tell(`the lab declares no variable "${name}"`, {
          expected: known.length > 0 ? `one of: ${known.join(', ')}` : 'a name under vars in lab.yaml',
          suggestion: closest(name, known),
        })
      }
    }
    return undefined
  })
}

function sameForAll(node: Nodes, author: Author): { what: string; text: string } | null {
  if (node.type === 'link' || node.type === 'definition') {
    return { what: 'an address', text: node.url.replaceAll('%7B', '{') }
  }
  if (node.type === 'heading') return { what: 'a heading', text: author.sourceOf(node) }
  const label = node.type === 'paragraph' && node.data && 'directiveLabel' in node.data
  return label ? { what: 'a title', text: author.sourceOf(node) } : null
}

const MARK = /\{\{\s*vars\.(?<name>[A-Za-z_][\w-]*)\s*\}\}|drydockvar(?<index>\d+)end/g

/** Code is cut where its colours change, so a variable in it has to be one word until that is done. */
export function markVariables(tree: Root): string[] {
  const names: string[] = []
  visit(tree, 'code', (node) => {
    node.value = node.value.replace(MARK, (written, name: string | undefined) =>
      name === undefined ? written : `drydockvar${names.push(name) - 1}end`,
    )
  })
  return names
}

/** Puts a `dd-var` element where a variable is named. `names` are those of `markVariables`. */
export function placeVariables(names: string[]) {
  return (tree: HtmlRoot): void => {
    visit(tree, 'text', (node, index, parent) => {
      if (!parent || index === undefined) return undefined
      const parts = split(node.value, names)
      parent.children.splice(index, 1, ...parts)
      return index + parts.length
    })
  }
}

function split(value: string, names: string[]): ElementContent[] {
  const parts: ElementContent[] = []
  let done = 0
  for (const match of value.matchAll(MARK)) {
    const name = match.groups?.name ?? names[Number(match.groups?.index)]
    if (name === undefined) continue
    if (match.index > done) parts.push(text(value.slice(done, match.index)))
    parts.push({ type: 'element', tagName: 'dd-var', properties: { name }, children: [text(name)] })
    done = match.index + match[0].length
  }
  if (done < value.length) parts.push(text(value.slice(done)))
  return parts
}

const text = (value: string): Text => ({ type: 'text', value })

/** Names of the variables that a text shows, in its code, too. */
export function variablesIn(tree: HtmlRoot): string[] {
  const names = new Set<string>()
  visit(tree, { type: 'element', tagName: 'dd-var' }, (node) => {
    names.add(String((node as Element).properties.name))
  })
  return [...names]
}
