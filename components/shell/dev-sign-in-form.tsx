'use client'

import { signIn } from 'next-auth/react'
import { useActionState } from 'react'
import { Button } from '#components/ui/button.tsx'
import { Field } from '#components/ui/field.tsx'
import { signInError } from '#lib/auth/sign-in-error.ts'

type DevSignInFormProps = { callbackPath: string; initialError: string | undefined }

export function DevSignInForm({ callbackPath, initialError }: DevSignInFormProps) {
  // A form action, not an event handler: React keeps a click that comes before the page is alive, and plays it then.
  const [{ name, error }, submit, busy] = useActionState(
    async (_: unknown, form: FormData) => {
      const typed = String(form.get('name') ?? '')
      const result = await signIn('dev', { name: typed, redirect: false }).catch(() => undefined)
      if (!result?.ok || result.error) return { name: typed, error: signInError(result?.error ?? 'internal') }
      // A full load: every part of the next page is drawn for the person who has just come in.
      location.assign(callbackPath)
      return { name: typed, error: undefined }
    },
    { name: '', error: initialError },
  )
  return (
    <form action={submit} className="mt-5 grid gap-5" noValidate>
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
      <noscript>
        <p className="text-sm text-ink-soft">
          Signing in needs JavaScript, as the terminals do. Lessons can be read without.
        </p>
      </noscript>
    </form>
  )
}
