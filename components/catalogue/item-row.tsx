import { Check } from 'lucide-react'
import Link from 'next/link'
import { Badge } from '#components/ui/badge.tsx'
import type { Challenge, Lesson } from '#lib/content/types.ts'

type ItemRowProps = {
  item: Lesson | Challenge
  mark: 'done' | 'begun' | null
  number?: number
  /** Why its lab cannot be had on this platform; null when it can, or when there is none. */
  unavailable?: string | null
}

export const itemHref = (item: Lesson | Challenge): string =>
  item.kind === 'lesson' ? `/learn/${item.course}/${item.slug}` : `/${item.id}`

/** One lesson or challenge as a line of a parts list. */
export function ItemRow({ item, mark, number, unavailable }: ItemRowProps) {
  return (
    <li className="relative flex gap-4 px-4 py-4 hover:bg-well sm:px-5">
      <span
        aria-hidden
        className={`mt-0.5 grid size-7 shrink-0 place-items-center rounded-full border font-mono text-sm ${
          mark === 'done' ? 'border-pass bg-pass text-paper' : 'border-rule-strong text-ink-soft'
        }`}
      >
        {mark === 'done' ? <Check size={16} strokeWidth={2.4} /> : (number ?? '◇')}
      </span>
      <div className="min-w-0 grow sm:flex sm:items-baseline sm:gap-6">
        <div className="min-w-0 grow">
          <p className="font-[600]">
            <Link href={itemHref(item)} className="after:absolute after:inset-0 hover:underline">
              {item.title}
            </Link>
          </p>
          <p className="mt-0.5 text-sm text-ink-soft">{item.summary}</p>
          {unavailable && <p className="mt-1 text-sm">{unavailable}</p>}
        </div>
        <p className="mt-2 flex shrink-0 flex-wrap items-center gap-2 text-sm text-ink-soft sm:mt-0 sm:w-56 sm:justify-end">
          {unavailable && <Badge>unavailable</Badge>}
          {mark === 'done' && <Badge tone="pass">{item.lab ? 'solved' : 'opened'}</Badge>}
          {mark === 'begun' && <Badge tone="accent">in progress</Badge>}
          <span className="font-mono text-xs leading-5.5 whitespace-nowrap">
            {item.level} · {item.minutes} min
          </span>
        </p>
      </div>
    </li>
  )
}
