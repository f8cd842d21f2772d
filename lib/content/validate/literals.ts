/**
 * Words that are values, not language: of three characters or more, with a digit or a mark inside, as `10.0.0.1`, `veth0`,
 * `app=web` and `/srv/app` have. Plain words would say that every text gives everything away.
 */
export const literalsIn = (text: string): string[] =>
  (text.match(/[A-Za-z0-9/][\w./:=@-]*\w/g) ?? []).filter((word) => word.length > 2 && /[\d./:=@_-]/.test(word))
