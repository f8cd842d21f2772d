/** What placeholders of a sample output stand for. */
const KINDS: Record<string, string> = {
  '<ip>': '[0-9a-f.:]+',
  '<id>': '\\S+',
  '<age>': '\\S+',
  '<n>': '\\d+',
  '…': '[\\s\\S]*?',
}

/**
 * Whether real output is what a sample shows: `<ip>`, `<id>`, `<age>`, `<n>` and `…` stand for anything of their kind, and
 * any white space for any other.
 */
export function matchesLoosely(sample: string, output: string): boolean {
  const parts = sample.trim().split(/(<(?:ip|id|age|n)>|…|\s+)/)
  const source = parts.map((part) => {
    if (/^\s+$/.test(part)) return '\\s+'
    return KINDS[part] ?? part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  })
  return new RegExp(`^\\s*${source.join('')}\\s*$`).test(output)
}
