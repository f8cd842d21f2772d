import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { DevSignInForm } from '#components/shell/dev-sign-in-form.tsx'
import { Callout } from '#components/ui/callout.tsx'
import { Card } from '#components/ui/card.tsx'
import { safeCallbackPath } from '#lib/auth/callback-url.ts'
import { currentUser } from '#lib/auth/current-user.ts'
import { signInError } from '#lib/auth/sign-in-error.ts'
import { env } from '#lib/env.ts'

export const metadata: Metadata = { title: 'Sign in' }

type Props = { searchParams: Promise<{ callbackUrl?: string | string[]; error?: string | string[] }> }

export default async function SignInPage({ searchParams }: Props) {
  const { callbackUrl, error } = await searchParams
  const path = safeCallbackPath(callbackUrl)
  if (await currentUser()) redirect(path)
  return (
    <main id="main" className="squared grid grow place-items-center px-4 py-12">
      <Card className="w-full max-w-md">
        <p className="label">Sign in</p>
        <h1 className="mt-1 text-xl">Who is at the machine?</h1>
        {env().AUTH_DEV ? (
          <>
            <p className="mt-2 text-sm text-ink-soft">
              This Drydock runs on this computer and for this computer only, so a name is enough: no password, no mail.
              The same name brings back the same progress.
            </p>
            <DevSignInForm callbackPath={path} initialError={signInError(error)} />
          </>
        ) : (
          <div className="mt-4">
            <Callout tone="warning">
              No way to sign in is set up on this site. Lessons can be read without one; ask whoever runs it.
            </Callout>
          </div>
        )}
      </Card>
    </main>
  )
}
