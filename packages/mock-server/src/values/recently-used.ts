interface Link<Item> {
  readonly key: string
  readonly item: Item
  older: Link<Item> | undefined
  newer: Link<Item> | undefined
}

/**
 * Items by key, in the order in which they were last used. Every step takes constant time: the first key of a `Map` is
 * slow to find once many before it have been deleted.
 */
export class RecentlyUsed<Item> {
  readonly #links = new Map<string, Link<Item>>()
  #oldest: Link<Item> | undefined = undefined
  #newest: Link<Item> | undefined = undefined

  get size(): number {
    return this.#links.size
  }

  /** The item of a key, which counts as used. */
  use(key: string): Item | undefined {
    if (this.#newest?.key === key) return this.#newest.item
    const link = this.#links.get(key)
    if (link === undefined) return undefined
    this.#unlink(link)
    this.#append(link)
    return link.item
  }

  /** The item of a key, which stays where it is. */
  peek(key: string): Item | undefined {
    return this.#links.get(key)?.item
  }

  /** Adds an item under a new key. */
  add(key: string, item: Item): void {
    const link: Link<Item> = { key, item, older: undefined, newer: undefined }
    this.#links.set(key, link)
    this.#append(link)
  }

  /** The item that was not used for the longest time. */
  get oldest(): Item | undefined {
    return this.#oldest?.item
  }

  /** Drops the item that was not used for the longest time. */
  dropOldest(): Item | undefined {
    return this.#oldest === undefined ? undefined : this.drop(this.#oldest.key)
  }

  /** Drops the item of a key. */
  drop(key: string): Item | undefined {
    const link = this.#links.get(key)
    if (link === undefined) return undefined
    this.#links.delete(key)
    this.#unlink(link)
    return link.item
  }

  clear(): void {
    this.#links.clear()
    this.#oldest = undefined
    this.#newest = undefined
  }

  /** All items, the one that was used last at the end. */
  *items(): IterableIterator<Item> {
    for (let link = this.#oldest; link !== undefined; link = link.newer) yield link.item
  }

  #append(link: Link<Item>): void {
    link.older = this.#newest
    if (this.#newest === undefined) this.#oldest = link
    else this.#newest.newer = link
    this.#newest = link
  }

  #unlink(link: Link<Item>): void {
    if (link.older === undefined) this.#oldest = link.newer
    else link.older.newer = link.newer
    if (link.newer === undefined) this.#newest = link.older
    else link.newer.older = link.older
    link.older = undefined
    link.newer = undefined
  }
}
