/** Where the gateway listens. Over plain HTTP the same URL answers 204, or why a socket would be refused. */
export const TERMINAL_PATH = '/ws/terminal'

/** `client`: UUID of the client, under which its input is numbered. `from`: offset wanted, -1 for all that is kept. */
export type TerminalQuery = {
  sandbox: string
  machine: string
  terminal: string
  client: string
  from: number
  cols: number
  rows: number
}

/** Path and query; the caller puts origin and scheme before it. */
export const terminalUrl = (query: TerminalQuery): string =>
  `${TERMINAL_PATH}?${new URLSearchParams(Object.entries(query).map(([key, value]) => [key, String(value)]))}`
