type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

/**
 * The client id of one terminal in one tab. It lies in the tab's storage only while no page uses it: a reload finds the
 * one it put back, and a duplicated tab, whose storage is a copy, finds none and takes its own, so that two pages never
 * type under one number. Call `release` when the page or the terminal goes and nothing typed is still under way: bytes
 * that arrive late would be taken for the next page's.
 */
export function claimClientId(
  store: Store | null,
  terminal: string,
  newId: () => string = () => crypto.randomUUID(),
): { id: string; release: () => void } {
  const key = `drydock.client:${terminal}`
  const kept = store?.getItem(key)
  store?.removeItem(key)
  const id = kept ?? newId()
  return { id, release: () => store?.setItem(key, id) }
}
