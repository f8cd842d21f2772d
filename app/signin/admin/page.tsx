import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { ClaimAdminForm } from '#components/settings/claim-admin-form.tsx'
import { Card } from '#components/ui/card.tsx'
import { currentUser } from '#lib/auth/current-user.ts'

export const metadata: Metadata = { title: 'First administrator', referrer: 'no-referrer', robots: { index: false } }

type Props = { searchParams: Promise<{ token?: string | string[] }> }

/** Where the link of the start-up output leads: whoever runs this site signs in and takes its administration. */
export default async function FirstAdminPage({ searchParams }: Props) {
  const { token } = await searchParams
  const given = typeof token === 'string' ? token.slice(0, 200) : ''
  const user = await currentUser()
  if (!user) redirect(`/signin?${new URLSearchParams({ callbackUrl: `/signin/admin?token=${given}` })}`)
  return (
    <main id="main" className="squared grid grow place-items-center px-4 py-12">
      <Card className="w-full max-w-md">
        <p className="label">First administrator</p>
        <h1 className="mt-1 text-xl">Is this site yours to run?</h1>
        <p className="mt-3 text-ink-soft">
          You are signed in as <strong className="wrap-anywhere text-ink">{user.name}</strong>. The one-time link that
          Drydock printed at its start makes this account its administrator.
        </p>
        <ClaimAdminForm token={given} />
      </Card>
    </main>
  )
}
