export const SPLIT_COOKIE = 'split'
export const SPLIT_MIN = 28
export const SPLIT_MAX = 72

/** The width of the text that a cookie asks for, in percent. */
export function parseSplit(value: string | undefined): number {
  const percent = Number(value)
  return percent >= SPLIT_MIN && percent <= SPLIT_MAX ? Math.round(percent) : 46
}
