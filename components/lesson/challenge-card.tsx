import { ArrowRight } from 'lucide-react'
import Link from 'next/link'
import { Card } from '#components/ui/card.tsx'
import { challengeOf } from '#lib/content/catalogue.ts'
import type { ChallengeProps } from '#lib/content/elements.ts'

/** Leads from a lesson to the challenge that asks for what it taught. */
export async function ChallengeCard({ id }: ChallengeProps) {
  const challenge = await challengeOf(id)
  if (!challenge) return null
  return (
    <Card className="not-prose">
      <p className="label">Challenge · {challenge.minutes} min</p>
      <p className="mt-1 text-lg font-[620]">
        <Link href={`/${challenge.id}`} className="after:absolute after:inset-0 hover:underline">
          {challenge.title}
        </Link>
      </p>
      <p className="mt-1 text-sm text-ink-soft">{challenge.summary}</p>
      <ArrowRight size={18} aria-hidden className="absolute top-6 right-6 text-accent-ink" />
    </Card>
  )
}
