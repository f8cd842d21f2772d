'use client'

import { useActionState } from 'react'
import { Button } from '#components/ui/button.tsx'
import { Field } from '#components/ui/field.tsx'
import { api } from '#components/workspace/api.ts'

type State = { typed: string; error: string | undefined }

/** Deletes the account once its owner has typed its name: no accident, and no second question. */
export function DeleteAccountForm({ confirmWith }: { confirmWith: string }) {
  const [{ typed, error }, submit, busy] = useActionState(
    async (_: State, form: FormData): Promise<State> => {
      const typed = String(form.get('typed') ?? '')
      try {
        await api('DELETE', '/api/account', { typed })
      } catch (thrown) {
        return { typed, error: thrown instanceof Error ? thrown.message : 'That did not work. Nothing was deleted.' }
      }
      // Not to be come back to: what the page showed is gone.
      location.replace('/')
      return { typed: '', error: undefined }
    },
    { typed: '', error: undefined },
  )
  return (
    <form action={submit} noValidate className="grid gap-4">
      <Field
        label={`To delete it, type ${confirmWith}`}
        name="typed"
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        maxLength={254}
        required
        defaultValue={typed}
        error={error}
      />
      <div>
        <Button type="submit" variant="danger" disabled={busy}>
          {busy ? 'Deleting … this may take some seconds' : 'Delete my account'}
        </Button>
      </div>
    </form>
  )
}
