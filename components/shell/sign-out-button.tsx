'use client'

import { useActionState } from 'react'

/** Leaves the session. What that needs comes only when it is wanted. */
export function SignOutButton() {
  const [problem, submit, busy] = useActionState(async () => {
    try {
      const { authCall } = await import('#components/shell/auth-call.ts')
      const { next, problem } = await authCall('signout', { callbackUrl: '/' })
      if (next) location.assign(next)
      return problem ?? ''
    } catch {
      return 'The site cannot be reached. Are you online?'
    }
  }, '')
  return (
    <form action={submit}>
      <button
        type="submit"
        disabled={busy}
        title={problem}
        className="min-h-9 text-sm whitespace-nowrap text-ink-soft hover:text-ink hover:underline"
      >
        Sign out
      </button>
      {problem && (
        <p role="alert" className="absolute top-14 right-4 z-30 border border-rule bg-sheet px-4 py-3 text-sm">
          {problem}
        </p>
      )}
    </form>
  )
}
