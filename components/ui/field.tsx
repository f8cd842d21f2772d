import type { ComponentProps, ReactNode } from 'react'
import { useId } from 'react'

type FieldProps = Omit<ComponentProps<'input'>, 'id'> & { label: string; help?: ReactNode; error?: string | undefined }

/** A labelled input with its help or, in its place, its error, read out with it. */
export function Field({ label, help, error, ...input }: FieldProps) {
  const id = useId()
  return (
    <div className="grid gap-1.5">
      <label htmlFor={id} className="text-sm font-[560]">
        {label}
      </label>
      <input
        id={id}
        aria-invalid={error ? true : undefined}
        aria-describedby={error ? `${id}-error` : help ? `${id}-help` : undefined}
        className="min-h-11 w-full rounded-sm border border-rule-strong bg-sheet px-3 text-base aria-invalid:border-danger"
        {...input}
      />
      {help && !error && (
        <p id={`${id}-help`} className="text-sm text-ink-soft">
          {help}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} role="alert" className="text-sm text-danger">
          {error}
        </p>
      )}
    </div>
  )
}
