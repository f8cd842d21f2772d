import Link from 'next/link'
import { TitleBlock } from '#components/ui/title-block.tsx'
import type { Verified } from '#lib/content/proof-record.ts'
import type { Challenge, Lesson } from '#lib/content/types.ts'

type TextHeadProps = {
  item: Lesson | Challenge
  crumb: { href: string; title: string }
  number?: string
  verified: Verified
}

/** The head of a lesson or challenge: where it belongs, its name, its promise and its title block. */
export function TextHead({ item, crumb, number, verified }: TextHeadProps) {
  const machines = item.lab?.definition.lab.machines.length ?? 0
  return (
    <header className="mb-8">
      <nav aria-label="Breadcrumb" data-print="hide" className="label">
        <Link href={crumb.href} className="hover:text-ink hover:underline">
          {crumb.title}
        </Link>
        {number && <span> / {number}</span>}
      </nav>
      <h1 className="mt-3 text-2xl">{item.title}</h1>
      <p className="mt-3 max-w-[60ch] text-lg text-ink-soft">{item.summary}</p>
      <TitleBlock
        className="mt-6"
        cells={[
          { label: 'Level', value: item.level },
          { label: 'Time', value: `${item.minutes} min` },
          { label: 'Topics', value: item.topics.join(', ') },
          ...(verified ? [{ label: 'Last proven', value: proven(verified) }] : []),
          ...(machines === 1 ? [] : [{ label: 'Machines', value: machines || 'none' }]),
        ]}
      />
    </header>
  )
}

const DAY = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeZone: 'UTC' })
const proven = ({ kubernetes, on }: NonNullable<Verified>) =>
  `${DAY.format(new Date(on))}, Kubernetes ${/\d+\.\d+/.exec(kubernetes)?.[0] ?? kubernetes}`
