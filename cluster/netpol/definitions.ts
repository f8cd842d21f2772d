/** Named sets and chains of a table, each content once. In order, as nft must know what is referred to. */
export class Definitions {
  readonly #names = new Map<string, string>()
  readonly #texts: string[] = []

  /** The name of the chain with these rules. */
  chain(rules: string[]): string {
    return this.#name('chain', 'c', rules.join('\n'), (name) => chain(name, rules))
  }

  /** The name of the set of this type. */
  set(type: string, elements: string): string {
    return this.#name(type, 's', elements, (name) => `set ${name} { type ${type}; elements = { ${elements} } }`)
  }

  #name(type: string, letter: string, content: string, text: (name: string) => string): string {
    const key = `${type}\n${content}`
    const known = this.#names.get(key)
    if (known) return known
    const name = `${letter}${this.#names.size}`
    this.#names.set(key, name)
    this.#texts.push(text(name))
    return name
  }

  get text(): string {
    return this.#texts.join('\n')
  }
}

export const chain = (name: string, rules: string[]): string => `chain ${name} {\n${rules.join('\n')}\n}`
