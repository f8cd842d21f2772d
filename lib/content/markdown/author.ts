import type { Nodes } from 'mdast'
import { type ContentProblem, type Place, problemAt } from '#lib/content/problem.ts'

/** Collects what the author of one text has to mend. */
export class Author {
  readonly problems: ContentProblem[] = []
  readonly #file: string
  readonly #source: string

  constructor(file: string, source: string) {
    this.#file = file
    this.#source = source
  }

  tell(node: Nodes | undefined, message: string, rest: { expected?: string; suggestion?: string | null } = {}): void {
    this.problems.push(problemAt(this.placeOf(node), message, rest))
  }

  /** As `tell`, at the place of what is written within a node. */
  tellWithin(
    node: Nodes,
    written: string,
    message: string,
    rest: { expected: string; suggestion?: string | null },
  ): void {
    const within = this.sourceOf(node).split(written)[0] ?? ''
    const before = this.#source.slice(0, node.position?.start.offset ?? 0) + within
    const lines = before.split('\n')
    const place = { file: this.#file, line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 }
    this.problems.push(problemAt(place, message, rest))
  }

  placeOf(node: Nodes | undefined): Place {
    return { file: this.#file, line: node?.position?.start.line ?? 1, column: node?.position?.start.column ?? 1 }
  }

  /** A node as it was written. */
  sourceOf(node: Nodes): string {
    return this.#source.slice(node.position?.start.offset ?? 0, node.position?.end.offset ?? 0)
  }
}
