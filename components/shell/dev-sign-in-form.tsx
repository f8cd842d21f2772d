'use client'

import { signIn } from 'next-auth/react'
import { type FormEvent, useState } from 'react'
import { Button } from '#components/ui/button.tsx'
import { Field } from '#components/ui/field.tsx'
import { signInError } from '#lib/auth/sign-in-error.ts'

type DevSignInFormProps = { callbackPath: string; initialError: string | undefined }

export function DevSignInForm({ callbackPath, initialError }: DevSignInFormProps) {
  const [error, setError] = useState(initialError)
  const [busy, setBusy] = useState(false)

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const name = String(new FormData(event.currentTarget).get('name') ?? '')
    setBusy(true)
    const result = await signIn('dev', { name, redirect: false }).catch(() => ({ ok: false, error: 'internal' }))
    // A full load: every part of the next page is drawn for the person who has just come in.
    if (result?.ok && !result.error) return location.assign(callbackPath)
    setError(signInError(result?.error ?? 'internal'))
    setBusy(false)
  }

  return (
    <form onSubmit={submit} className="mt-5 grid gap-5" noValidate>
      <Field
        label="Your name"
        name="name"
        autoComplete="nickname"
        maxLength={40}
        required
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
