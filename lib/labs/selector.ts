const KEY = String.raw`[A-Za-z0-9](?:[\w.-]{0,300}/)?[\w.-]{0,63}`
const VALUE = String.raw`[\w.-]{0,63}`
const TERM = String.raw`(?:!?${KEY}|${KEY}(?:==?|!=)${VALUE})`

/** Labels as `kubectl -l` takes them, without the set-based forms, which CEL says better. */
export const SELECTOR = new RegExp(String.raw`^${TERM}(?:,${TERM})*$`)

/** Whether labels are what a selector asks for; `!=` holds, as for kubectl, where the label is missing. */
export function selects(selector: string, labels: Record<string, string>): boolean {
  return selector.split(',').every((term) => {
    const { key = '', operator, value } = /^(?<key>[^!=]+)(?<operator>!=|==?)(?<value>.*)$/.exec(term)?.groups ?? {}
    if (operator) return (labels[key] === value) === (operator !== '!=')
    return term.startsWith('!') ? !Object.hasOwn(labels, term.slice(1)) : Object.hasOwn(labels, term)
  })
}
