import type { Metadata } from 'next'
import { z } from 'zod'
import { buttonClass } from '#components/ui/button.tsx'
import { Callout } from '#components/ui/callout.tsx'
import { Card } from '#components/ui/card.tsx'

export const metadata: Metadata = { title: 'Sign in', referrer: 'no-referrer', robots: { index: false } }

const query = z.object({
  email: z.string().min(3).max(254),
  token: z.string().regex(/^[0-9a-f]{16,128}$/),
  callbackUrl: z.string().max(2000).default('/'),
})
type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> }

/**
 * Where the link in the mail leads. The sign-in itself waits for a click: mail scanners open links too, and whoever was
 * sent somebody else's link sees whose account it opens.
 */
export default async function SignInLinkPage({ searchParams }: Props) {
  const link = query.safeParse(await searchParams)
  return (
    <main id="main" className="squared grid grow place-items-center px-4 py-12">
      <Card className="w-full max-w-md">
        <p className="label">Sign in</p>
        {link.success ? (
          <>
            <h1 className="mt-1 text-xl">One more click</h1>
            <p className="mt-3 text-ink-soft">
              This signs you in as <strong className="wrap-anywhere text-ink">{link.data.email}</strong>. The link works
              once.
            </p>
            {/* A plain link: a prefetched one would be used up. It works without JavaScript. */}
            <a
              href={`/api/auth/callback/email?${new URLSearchParams(link.data)}`}
              className={buttonClass({ variant: 'primary' }, 'mt-5 w-full')}
            >
              Sign me in
            </a>
          </>
        ) : (
          <>
            <h1 className="mt-1 text-xl">This link is incomplete</h1>
            <div className="mt-4 grid gap-5">
              <Callout tone="danger">
                Some mail programs break long links. Copy all of it into the address bar, or ask for a new one.
              </Callout>
              <a href="/signin" className={buttonClass({ variant: 'outline' })}>
                Ask for a new link
              </a>
            </div>
          </>
        )}
      </Card>
    </main>
  )
}
