import { CAPABILITIES, CAPABILITY_NAMES, type Capability, REQUIRED } from '#lib/capabilities/capability.ts'
import type { Report } from '#lib/capabilities/report.ts'

const isRequired = (name: Capability): boolean => (REQUIRED as readonly Capability[]).includes(name)

/** The required capabilities that were not found, and so keep labs from running. */
export const missing = ({ findings }: Report, accepted: readonly Capability[]): Capability[] =>
  REQUIRED.filter((name) => findings[name].found !== 'yes' && !accepted.includes(name))

/** One row for each capability: what was found and, where it is missing, what works without it and how to get it. */
export function formatReport({ findings }: Report): string {
  const width = Math.max(...CAPABILITY_NAMES.map((name) => CAPABILITIES[name].title.length))
  const indent = ' '.repeat('needed  '.length + 'unknown  '.length + width + 2)
  return CAPABILITY_NAMES.map((name) => {
    const { title, without, get } = CAPABILITIES[name]
    const { found, detail } = findings[name]
    const head = `${(isRequired(name) ? 'needed' : '').padEnd(8)}${found.padEnd(9)}${title.padEnd(width)}  ${detail}`
    return found === 'yes' ? head : `${head}\n${indent}without it: ${without}\n${indent}how to get it: ${get}`
  }).join('\n')
}
