import type { Paragraph, PhrasingContent, RootContent } from 'mdast'
import type { ContainerDirective } from 'mdast-util-directive'

type Properties = Record<string, string>

/** A node that becomes the named HTML element around block content. */
export function block(tagName: string, properties: Properties, children: RootContent[]): ContainerDirective {
  // remark-rehype renders any node with `hName` and children; a directive's children are block content like ours.
  const content = children as ContainerDirective['children']
  return {
    type: 'containerDirective',
    name: tagName,
    data: { hName: tagName, hProperties: properties },
    children: content,
  }
}

/** A node that becomes the named HTML element around text. */
export function inline(tagName: string, properties: Properties, children: PhrasingContent[]): Paragraph {
  return { type: 'paragraph', data: { hName: tagName, hProperties: properties }, children }
}

export function plain(value: string): PhrasingContent {
  return { type: 'text', value }
}

/** `:::name[label]`: the label, apart from the body. */
export function splitLabel(node: ContainerDirective): { label: PhrasingContent[] | null; rest: RootContent[] } {
  const [first, ...rest] = node.children
  if (first?.type === 'paragraph' && first.data?.directiveLabel) return { label: first.children, rest }
  return { label: null, rest: node.children }
}
