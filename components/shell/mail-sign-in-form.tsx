'use client'

import { useActionState } from 'react'
import { authCall } from '#components/shell/auth-call.ts'
import { Button } from '#components/ui/button.tsx'
import { Callout } from '#components/ui/callout.tsx'
import { Field } from '#components/ui/field.tsx'

type State = { address: string; sent: boolean; error: string | undefined }

/** Asks for an address and has a link sent there. The answer is the same whether or not somebody has that address. */
export function MailSignInForm({ callbackPath }: { callbackPath: string }) {
  const [{ address, sent, error }, submit, busy] = useActionState(
    async (_: State, form: FormData): Promise<State> => {
      const address = String(form.get('email') ?? '').trim()
      if (!/^[^\s@"]+@[^\s@"]+\.[^\s@"]+$/.test(address)) {
        return { address, sent: false, error: 'That is no e-mail address. It looks like name@example.org.' }
      }
      const { problem } = await authCall('signin/email', { email: address, callbackUrl: callbackPath })
      return { address, sent: !problem, error: problem }
    },
    { address: '', sent: false, error: undefined },
  )
  if (sent) {
    return (
      <Callout tone="tip" label="Check your inbox" role="status">
        <p>
          A link is on its way to <strong className="wrap-anywhere">{address}</strong>. It is good for 15 minutes, once.
        </p>
        <p>Nothing there? Look into your spam folder.</p>
        <p>
          {/* A plain link: it begins anew. */}
          <a href={`/signin?callbackUrl=${encodeURIComponent(callbackPath)}`} className="underline">
            Use another address
          </a>
        </p>
      </Callout>
    )
  }
  return (
    <form action={submit} className="grid gap-4" noValidate>
      <Field
        label="Your e-mail address"
        name="email"
        type="email"
        autoComplete="email"
        maxLength={254}
        required
        defaultValue={address}
        error={error}
        help="We send a link; there is no password."
      />
      <Button type="submit" variant="primary" disabled={busy}>
        {busy ? 'Sending …' : 'Send me a link'}
      </Button>
    </form>
  )
}
