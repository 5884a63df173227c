interface Link<Item> {
  readonly item: Item
  next: Link<Item> | undefined
}

/** What is kept under one key, the oldest first. */
class Shelf<Item> {
  readonly key: string
  size = 0
  oldest: Link<Item> | undefined = undefined
  #newest: Link<Item> | undefined = undefined

  constructor(key: string) {
    this.key = key
  }

  append(item: Item): void {
    const link: Link<Item> = { item, next: undefined }
    if (this.#newest === undefined) this.oldest = link
    else this.#newest.next = link
    this.#newest = link
  }

  dropOldest(): void {
    this.oldest = this.oldest?.next
    if (this.oldest === undefined) this.#newest = undefined
  }

  *items(): IterableIterator<Item> {
    for (let link = this.oldest; link !== undefined; link = link.next) yield link.item
  }
}

/**
 * A queue of bounded length over many keys. When it is full, the key with most items loses its oldest one, so a busy key
 * does not push out the few items of another. Adding takes constant time.
 */
export class FairQueue<Item> {
  readonly #shelves = new Map<string, Shelf<Item>>()
  /** The shelves by how many items they hold, for each size that there is. */
  readonly #bySize = new Map<number, Set<Shelf<Item>>>()
  #largest = 0
  #size = 0

  get size(): number {
    return this.#size
  }

  add(key: string, item: Item, limit: number): void {
    if (limit <= 0) return
    let shelf = this.#shelves.get(key)
    if (shelf === undefined) {
      shelf = new Shelf(key)
      this.#shelves.set(key, shelf)
    }
    shelf.append(item)
    if (this.#size === limit && shelf.size === this.#largest) {
      shelf.dropOldest()
      return
    }
    this.#resize(shelf, 1)
    this.trim(limit)
  }

  /** Drops what is beyond the limit. */
  trim(limit: number): void {
    while (this.#size > limit) {
      const [shelf] = this.#bySize.get(this.#largest) ?? []
      if (shelf === undefined) return
      shelf.dropOldest()
      this.#resize(shelf, -1)
    }
  }

  /** The items of a key, the oldest first. */
  of(key: string): Iterable<Item> {
    return this.#shelves.get(key)?.items() ?? []
  }

  /** All items, key by key. */
  *all(): IterableIterator<Item> {
    for (const shelf of this.#shelves.values()) yield* shelf.items()
  }

  /** Drops the items of a key. */
  clear(key: string): void {
    const shelf = this.#shelves.get(key)
    if (shelf !== undefined) this.#resize(shelf, -shelf.size)
  }

  clearAll(): void {
    this.#shelves.clear()
    this.#bySize.clear()
    this.#largest = 0
    this.#size = 0
  }

  #resize(shelf: Shelf<Item>, by: number): void {
    const former = this.#bySize.get(shelf.size)
    former?.delete(shelf)
    if (former?.size === 0) this.#bySize.delete(shelf.size)
    shelf.size += by
    this.#size += by
    if (shelf.size > 0) this.#file(shelf)
    else this.#shelves.delete(shelf.key)
    this.#largest = Math.max(this.#largest, shelf.size)
    while (this.#largest > 0 && !this.#bySize.has(this.#largest)) this.#largest--
  }

  #file(shelf: Shelf<Item>): void {
    const alike = this.#bySize.get(shelf.size)
    if (alike === undefined) this.#bySize.set(shelf.size, new Set([shelf]))
    else alike.add(shelf)
  }
}
