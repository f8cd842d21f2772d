'use client'

import { useActionState } from 'react'
import { authCall } from '#components/shell/auth-call.ts'
import { Button } from '#components/ui/button.tsx'
import { Field } from '#components/ui/field.tsx'

export function DevSignInForm({ callbackPath }: { callbackPath: string }) {
  // A form action, not an event handler: React keeps a click that comes before the page is alive, and plays it then.
  const [{ name, error }, submit, busy] = useActionState(
    async (_: unknown, form: FormData) => {
      const typed = String(form.get('name') ?? '')
      const { problem } = await authCall('callback/dev', { name: typed })
      if (problem) return { name: typed, error: problem }
      // A full load: every part of the next page is drawn for the person who has just come in.
      location.assign(callbackPath)
      return { name: typed, error: undefined }
    },
    { name: '', error: undefined as string | undefined },
  )
  return (
    <form action={submit} className="grid gap-4" noValidate>
      <Field
        label="Your name"
        name="name"
        autoComplete="nickname"
        maxLength={40}
        required
        defaultValue={name}
        error={error}
        help="Any name; 1 to 40 characters."
      />
      <Button type="submit" variant="primary" disabled={busy}>
        {busy ? 'Signing in …' : 'Sign in'}
      </Button>
    </form>
  )
}
