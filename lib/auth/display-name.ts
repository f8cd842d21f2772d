import { z } from 'zod'

const NAME_MAX = 40

const tidy = (value: string) => value.normalize('NFC').replace(/\s+/g, ' ').trim()

/** A name as a person types one: 1 to 40 visible characters, no control or invisible formatting characters. */
export const displayName = z
  .string()
  .max(1000)
  .transform(tidy)
  .refine((value) => /^[^\p{C}]{1,40}$/u.test(value), { message: 'A name has 1 to 40 characters.' })

/** The nearest name to what somebody else's system calls a person; null when nothing of it is left. */
export function nearestName(value: unknown): string | null {
  if (typeof value !== 'string') return null
  const visible = tidy(value.slice(0, 1000)).replace(/\p{C}/gu, '')
  return tidy([...visible].slice(0, NAME_MAX).join('')) || null
}
