'use client'

import { signIn } from 'next-auth/react'
import { useActionState } from 'react'
import { Button } from '#components/ui/button.tsx'

type ServiceSignInProps = { id: string; name: string; callbackPath: string }

/** The button that leaves for somebody else's sign-in page. */
export function ServiceSignIn({ id, name, callbackPath }: ServiceSignInProps) {
  const [failed, submit, busy] = useActionState(async () => {
    try {
      await signIn(id, { callbackUrl: callbackPath })
      // The browser is on its way; the button stays busy until the next page is there.
      await new Promise<never>(() => undefined)
      return false
    } catch {
      return true
    }
  }, false)
  return (
    <form action={submit} className="grid gap-1.5">
      <Button type="submit" variant="outline" disabled={busy}>
        {busy ? 'One moment …' : `Continue with ${name}`}
      </Button>
      {failed && (
        <p role="alert" className="text-sm text-danger">
          The site cannot be reached. Are you online?
        </p>
      )}
    </form>
  )
}
