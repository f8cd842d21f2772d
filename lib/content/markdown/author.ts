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

  placeOf(node: Nodes | undefined): Place {
    return { file: this.#file, line: node?.position?.start.line ?? 1, column: node?.position?.start.column ?? 1 }
  }

  /** A node as it was written. */
  sourceOf(node: Nodes): string {
    return this.#source.slice(node.position?.start.offset ?? 0, node.position?.end.offset ?? 0)
  }
}
