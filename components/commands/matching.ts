/** Those whose label holds every typed word, begun words included; all of them when nothing is typed. */
export function matching<T extends { label: string }>(actions: T[], typed: string): T[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean)
  return actions.filter(({ label }) => words.every((word) => label.toLowerCase().includes(word)))
}
