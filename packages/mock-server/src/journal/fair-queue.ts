import { RecentlyUsed } from "../values/recently-used.ts"

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

  dropOldest(): Item | undefined {
    const dropped = this.oldest?.item
    this.oldest = this.oldest?.next
    if (this.oldest === undefined) this.#newest = undefined
    return dropped
  }

  *items(): IterableIterator<Item> {
    for (let link = this.oldest; link !== undefined; link = link.next) yield link.item
  }
}

/** A key with more items than this is busy: 8, or a sixteenth of the limit if that is more. */
const fewItems = (limit: number): number => Math.max(limit / 16, Math.min(8, limit / 4))

/** What all busy keys may hold together: a quarter of the limit, or half of a small one. */
const busyShare = (limit: number): number => Math.max(limit / 4, Math.min(8, limit / 2))

/**
 * A queue of bounded length over many keys. When it is full, the key that came longest ago loses its oldest item. But
 * all busy keys together get no more than a quarter of the room: beyond that the busiest one loses its own oldest item,
 * so that it does not push out the few items of another key. Adding takes constant time.
 */
export class FairQueue<Item> {
  /** The shelf of the key that came last is at the end. */
  readonly #shelves = new RecentlyUsed<Shelf<Item>>()
  /** The shelves by how many items they hold, for each size that there is. */
  readonly #bySize = new Map<number, Set<Shelf<Item>>>()
  readonly #onDrop: (item: Item) => void
  #largest = 0
  #size = 0
  /** The limit for which {@link #busyItems} was counted. */
  #limit = 0
  /** How many items the busy keys hold. */
  #busyItems = 0

  /** `onDrop` is called with each item that is dropped for lack of room. */
  constructor(onDrop: (item: Item) => void = () => {}) {
    this.#onDrop = onDrop
  }

  get size(): number {
    return this.#size
  }

  add(key: string, item: Item, limit: number): void {
    this.#adjust(limit)
    if (limit <= 0) return this.#onDrop(item)
    let shelf = this.#shelves.use(key)
    if (shelf === undefined) {
      shelf = new Shelf(key)
      this.#shelves.add(key, shelf)
    }
    shelf.append(item)
    if (this.#size === limit && shelf === this.#losing) this.#dropFrom(shelf)
    else {
      this.#resize(shelf, 1)
      this.trim(limit)
    }
  }

  /** Drops what is beyond the limit. */
  trim(limit: number): void {
    this.#adjust(limit)
    while (this.#size > limit) {
      const shelf = this.#losing
      if (shelf === undefined) return
      this.#dropFrom(shelf)
      this.#resize(shelf, -1)
    }
  }

  /** The items of a key, the oldest first. */
  of(key: string): Iterable<Item> {
    return this.#shelves.peek(key)?.items() ?? []
  }

  /** All items, key by key. */
  *all(): IterableIterator<Item> {
    for (const shelf of this.#shelves.items()) yield* shelf.items()
  }

  /** Drops the items of a key. */
  clear(key: string): void {
    const shelf = this.#shelves.peek(key)
    if (shelf !== undefined) this.#resize(shelf, -shelf.size)
  }

  clearAll(): void {
    this.#shelves.clear()
    this.#bySize.clear()
    this.#largest = 0
    this.#size = 0
    this.#busyItems = 0
  }

  /** Who loses the next item: the busiest key, or the one that came longest ago. */
  get #losing(): Shelf<Item> | undefined {
    if (this.#busyItems <= busyShare(this.#limit)) return this.#shelves.oldest
    const [busiest] = this.#bySize.get(this.#largest) ?? []
    return busiest
  }

  #dropFrom(shelf: Shelf<Item>): void {
    const dropped = shelf.dropOldest()
    if (dropped !== undefined) this.#onDrop(dropped)
  }

  #adjust(limit: number): void {
    if (limit === this.#limit) return
    this.#limit = limit
    this.#busyItems = 0
    for (const shelf of this.#shelves.items()) this.#busyItems += this.#busyPart(shelf)
  }

  #busyPart({ size }: Shelf<Item>): number {
    return size > fewItems(this.#limit) ? size : 0
  }

  #resize(shelf: Shelf<Item>, by: number): void {
    const former = this.#bySize.get(shelf.size)
    former?.delete(shelf)
    if (former?.size === 0) this.#bySize.delete(shelf.size)
    this.#busyItems -= this.#busyPart(shelf)
    shelf.size += by
    this.#busyItems += this.#busyPart(shelf)
    this.#size += by
    if (shelf.size > 0) this.#file(shelf)
    else this.#shelves.drop(shelf.key)
    this.#largest = Math.max(this.#largest, shelf.size)
    while (this.#largest > 0 && !this.#bySize.has(this.#largest)) this.#largest--
  }

  #file(shelf: Shelf<Item>): void {
    const alike = this.#bySize.get(shelf.size)
    if (alike === undefined) this.#bySize.set(shelf.size, new Set([shelf]))
    else alike.add(shelf)
  }
}
