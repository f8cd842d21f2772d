import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { Fragment } from 'react'
import { DevSignInForm } from '#components/shell/dev-sign-in-form.tsx'
import { MailSignInForm } from '#components/shell/mail-sign-in-form.tsx'
import { ServiceSignIn } from '#components/shell/service-sign-in.tsx'
import { Callout } from '#components/ui/callout.tsx'
import { Card } from '#components/ui/card.tsx'
import { ownPath } from '#lib/auth/callback-url.ts'
import { currentVisitor } from '#lib/auth/current-user.ts'
import { personOf } from '#lib/auth/session.ts'
import { signInError } from '#lib/auth/sign-in-error.ts'
import { signInWays } from '#lib/auth/sign-in-ways.ts'
import { env } from '#lib/env.ts'

export const metadata: Metadata = { title: 'Sign in' }

type Query = 'callbackUrl' | 'error' | 'sent'
type Props = { searchParams: Promise<Partial<Record<Query, string | string[]>>> }

export default async function SignInPage({ searchParams }: Props) {
  const { callbackUrl, error, sent } = await searchParams
  const path = ownPath(callbackUrl, env().NEXTAUTH_URL)
  const visitor = await currentVisitor()
  if (personOf(visitor)) redirect(path)
  const { services, mail, development } = signInWays()
  const problem = signInError(error)
  const ways = [
    services.length > 0 && (
      <div className="grid gap-3">
        {services.map(({ id, name }) => (
          <ServiceSignIn key={id} id={id} name={name} callbackPath={path} />
        ))}
      </div>
    ),
    mail && <MailSignInForm callbackPath={path} />,
    development && (
      <div className="grid gap-4">
        <p className="text-sm text-ink-soft">
          This Drydock runs on this computer and for this computer only, so a name is enough: no password, no mail. The
          same name brings back the same progress.
        </p>
        <DevSignInForm callbackPath={path} />
      </div>
    ),
  ].filter((way) => way !== false)
  return (
    <main id="main" className="squared grid grow place-items-center px-4 py-12">
      <Card className="w-full max-w-md">
        <p className="label">Sign in</p>
        <h1 className="mt-1 text-xl">Who is at the machine?</h1>
        <div className="mt-5 grid gap-5">
          {problem && (
            <Callout tone={error === 'cancelled' || error === 'signed-out' ? 'note' : 'danger'} role="alert">
              {problem}
            </Callout>
          )}
          {sent && !problem && (
            <Callout tone="tip" label="Check your inbox" role="status">
              A link is on its way to your address. It is good for 15 minutes, once.
            </Callout>
          )}
          {visitor && !sent && (
            <Callout tone="tip">You are here as a guest. What you did goes with you when you sign in.</Callout>
          )}
          <div className="grid gap-5 empty:hidden scripting-none:hidden">
            {ways.map((way, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the ways do not change while the page stands.
              <Fragment key={index}>
                {index > 0 && <Or />}
                {way}
              </Fragment>
            ))}
          </div>
          {ways.length === 0 && (
            <Callout tone="warning">
              No way to sign in is set up on this site. Lessons can be read without one; ask whoever runs it.
            </Callout>
          )}
          <p className="hidden text-sm text-ink-soft scripting-none:block">
            Signing in needs JavaScript, as the terminals do. Lessons can be read without it.
          </p>
        </div>
      </Card>
    </main>
  )
}

function Or() {
  return (
    <p className="flex items-center gap-3 text-sm text-ink-soft before:h-px before:grow before:bg-rule after:h-px after:grow after:bg-rule">
      or
    </p>
  )
}
