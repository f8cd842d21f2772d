'use client'

import { useActionState } from 'react'
import { Button } from '#components/ui/button.tsx'
import { Callout } from '#components/ui/callout.tsx'
import { api } from '#components/workspace/api.ts'

export function ClaimAdminForm({ token }: { token: string }) {
  const [problem, submit, busy] = useActionState(async () => {
    try {
      await api('POST', '/api/account/admin', { token })
    } catch (thrown) {
      return thrown instanceof Error ? thrown.message : 'That did not work. Please try again.'
    }
    location.replace('/me/settings')
    return ''
  }, '')
  return (
    <form action={submit} className="mt-5 grid gap-4">
      {problem && (
        <Callout tone="danger" role="alert">
          {problem}
        </Callout>
      )}
      <Button type="submit" variant="primary" disabled={busy}>
        {busy ? 'One moment …' : 'Make me administrator'}
      </Button>
    </form>
  )
}
