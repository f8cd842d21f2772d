'use client'

/** Leaves the session. The library comes only when it is wanted. */
export function SignOutButton() {
  return (
    <button
      type="button"
      className="min-h-9 text-sm text-ink-soft hover:text-ink hover:underline"
      onClick={async () => {
        const { signOut } = await import('next-auth/react')
        await signOut({ callbackUrl: '/' })
      }}
    >
      Sign out
    </button>
  )
}
