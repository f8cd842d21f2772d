/** How a person has laid the workspace out on a wide screen; in a cookie, so that the server draws it without a shift. */
export type Panels = {
  /** Width of the text, in percent. */
  split: number
  /** Height of the tasks, in percent; `auto`: as high as they are; 0: folded up. */
  rail: number | 'auto'
  /** What is shown: both, or one alone. */
  layout: 'both' | 'text' | 'machine'
}

export const PANELS_COOKIE = 'panels'
export const SPLIT = { min: 28, max: 72, start: 46 }
export const RAIL = { min: 15, max: 80, start: 46 }

/** The layout that a cookie asks for; what makes no sense in it is as at the start. */
export function parsePanels(value: string | undefined): Panels {
  const [split, rail, layout] = (value ?? '').split('_')
  return {
    split: within(split, SPLIT) ?? SPLIT.start,
    rail: rail === '0' ? 0 : (within(rail, RAIL) ?? 'auto'),
    layout: layout === 'text' || layout === 'machine' ? layout : 'both',
  }
}

export const panelsCookie = ({ split, rail, layout }: Panels): string =>
  `${PANELS_COOKIE}=${split}_${rail}_${layout}; path=/; max-age=31536000; samesite=lax`

function within(text: string | undefined, { min, max }: { min: number; max: number }): number | null {
  const percent = Math.round(Number(text))
  return percent >= min && percent <= max ? percent : null
}
