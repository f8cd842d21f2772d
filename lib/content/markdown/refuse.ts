import type { Root } from 'mdast'
import { visit } from 'unist-util-visit'
import type { Author } from '#lib/content/markdown/author.ts'

/** Where a link may lead: the web, mail, this site, this page. */
const LINK = /^(?:https?:\/\/|mailto:|\/(?!\/)|#)/i

/** Tells what no text may contain. The sanitiser would drop it too, but in silence. */
export function refuseUnsafe(tree: Root, author: Author): void {
  visit(tree, (node) => {
    switch (node.type) {
      case 'html':
        return author.tell(node, 'HTML is not allowed in a text', { expected: 'Markdown or a directive' })
      case 'image':
      case 'imageReference':
        return author.tell(node, 'pictures come as figures', {
          expected: '::figure[Caption]{src="figures/name.svg" alt="…"}',
        })
      case 'heading':
        if (node.depth > 1) return undefined
        return author.tell(node, 'the title comes from the front matter', { expected: 'headings from ## on' })
      case 'link':
      case 'definition':
        if (LINK.test(node.url)) return undefined
        return author.tell(node, `a link may not lead to "${node.url.slice(0, 80)}"`, {
          expected: 'https:, http:, mailto:, /a/page or #a-heading',
        })
      default:
        return undefined
    }
  })
}
