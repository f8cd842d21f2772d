'use client'

import { useRouter } from 'next/navigation'
import { useActionState } from 'react'
import { Button } from '#components/ui/button.tsx'
import { Field } from '#components/ui/field.tsx'
import { api } from '#components/workspace/api.ts'

type State = { name: string; error: string | undefined; saved: boolean }

export function ProfileForm({ name: initial }: { name: string }) {
  const router = useRouter()
  const [{ name, error, saved }, submit, busy] = useActionState(
    async (_: State, form: FormData): Promise<State> => {
      const typed = String(form.get('name') ?? '')
      try {
        const { name } = await api<{ name: string }>('POST', '/api/account', { name: typed })
        // The header shows the name as well.
        router.refresh()
        return { name, error: undefined, saved: true }
      } catch (thrown) {
        return { name: typed, error: thrown instanceof Error ? thrown.message : undefined, saved: false }
      }
    },
    { name: initial, error: undefined, saved: false },
  )
  return (
    <form action={submit} noValidate className="grid gap-4 sm:grid-cols-[minmax(0,1fr)_auto] sm:items-start">
      <Field
        label="Display name"
        name="name"
        autoComplete="nickname"
        maxLength={40}
        required
        defaultValue={name}
        error={error}
        help="1 to 40 characters. Nobody else sees it yet."
      />
      <div className="flex items-center gap-3 sm:mt-[1.6875rem]">
        <Button type="submit" disabled={busy}>
          {busy ? 'Saving …' : 'Save'}
        </Button>
        <p role="status" className="text-sm text-pass empty:-ml-3">
          {saved && !busy ? 'Saved' : ''}
        </p>
      </div>
    </form>
  )
}
