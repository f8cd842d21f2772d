'use client'

import { useActionState } from 'react'
import { authCall } from '#components/shell/auth-call.ts'
import { Button } from '#components/ui/button.tsx'

type ServiceSignInProps = { id: string; name: string; callbackPath: string }

/** The button that leaves for somebody else's sign-in page. */
export function ServiceSignIn({ id, name, callbackPath }: ServiceSignInProps) {
  const [problem, submit, busy] = useActionState(async () => {
    const { next, problem } = await authCall(`signin/${id}`, { callbackUrl: callbackPath })
    if (!next) return problem
    location.assign(next)
    // The browser is on its way; the button stays busy until the next page is there.
    return new Promise<never>(() => undefined)
  }, '')
  return (
    <form action={submit} className="grid gap-1.5">
      <Button type="submit" variant="outline" disabled={busy}>
        {busy ? 'One moment …' : `Continue with ${name}`}
      </Button>
      {problem && (
        <p role="alert" className="text-sm text-danger">
          {problem}
        </p>
      )}
    </form>
  )
}
