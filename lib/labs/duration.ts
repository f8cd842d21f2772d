const UNIT_SECONDS = { s: 1, m: 60, h: 3600 } as const

/** A length of time as authors write it: a whole number and one unit, e.g. `90s`, `45m`, `2h`. */
export const DURATION = /^(?<count>[1-9]\d{0,4})(?<unit>[smh])$/

/** `"45m"` → 2700. Throws a RangeError for anything that `DURATION` does not match. */
export function durationSeconds(text: string): number {
  const { count, unit } = DURATION.exec(text)?.groups ?? {}
  if (!count || !unit) throw new RangeError(`not a duration: ${text}`)
  return Number(count) * UNIT_SECONDS[unit as keyof typeof UNIT_SECONDS]
}
