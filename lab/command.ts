/** A command of `npm run lab`. Resolves with the exit code: 0 all is well, 1 something is wrong, 2 asked for wrongly. */
export type Command = (args: string[], signal: AbortSignal) => Promise<number>
