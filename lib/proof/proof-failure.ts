/** What a proof found wrong: one sentence, and below it what was seen. */
export class ProofFailure extends Error {
  override readonly name = 'ProofFailure'
  readonly detail: string

  constructor(message: string, detail = '') {
    super(message)
    this.detail = detail
  }
}
