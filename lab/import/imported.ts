/** What an importer makes of somebody's scenario, before it is written as a lesson. */
export type Imported = {
  title: string
  summary: string
  profile: 'root' | 'kubernetes'
  sections: Section[]
  /** Scripts that prepared the machine, in order. */
  init: { id: string; title: string; script: string }[]
  /** `from` below the scenario's folder. */
  files: { from: string; to: string; mode: string | null }[]
  /** What could not be taken over, each with its place. */
  left: string[]
}

/** A step of the scenario. `check`: the script that verified it there, which ran on the machine itself. */
export type Section = { title: string; text: string; check: { id: string; script: string } | null }

export const machineOf = ({ profile }: Pick<Imported, 'profile'>): string =>
  profile === 'kubernetes' ? 'workstation' : 'box'

/** A name as ids are written here. */
export const idOf = (text: string, fallback: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '')
    .slice(0, 40) || fallback
