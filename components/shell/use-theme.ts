import { useSyncExternalStore } from 'react'
import { parseTheme, type Theme } from '#components/shell/theme.ts'

const subscribe = (changed: () => void) => {
  const observer = new MutationObserver(changed)
  observer.observe(document.documentElement, { attributeFilter: ['data-theme'] })
  return () => observer.disconnect()
}
const chosen = () => parseTheme(document.documentElement.dataset.theme)

/** The theme in use, the same for everyone who asks, and a setter. `initial` is what the server drew. */
export function useTheme(initial: Theme): [Theme, (next: Theme) => void] {
  return [useSyncExternalStore(subscribe, chosen, () => initial), setTheme]
}

/** A cookie lets the server draw the next page in it from the first byte. */
function setTheme(next: Theme): void {
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing on plain http and in Firefox ESR.
  document.cookie = `theme=${next}; path=/; max-age=31536000; samesite=lax`
  document.documentElement.dataset.theme = next
}
