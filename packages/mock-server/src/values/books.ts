import { maxCredits, toCredits } from "./credits.ts"

/** A balance at one moment. */
export interface BalancePoint {
  readonly at: number
  readonly availableCredits: number
}

/** Inserts `item` after all items with the same time or an earlier one. */
export const insertByTime = <Item extends { readonly at: number }>(items: Array<Item>, item: Item): void => {
  items.splice(items.findLastIndex(({ at }) => at <= item.at) + 1, 0, item)
}

/** Credits that expire. */
interface Expiring {
  left: number
  readonly at: number
}

const maxPoints = 200

/**
 * What came in and what went out, in whole hundredths. It always holds that what is available is what was granted less
 * what was spent, drained and expired.
 */
export class Books {
  available = 0
  total: number
  granted = 0
  spent = 0
  drained = 0
  expired = 0
  lowest: number
  #expiring: Array<Expiring> | undefined = undefined
  #points: Array<BalancePoint> | undefined = undefined

  constructor(available: number, total: number, expiresAt: number | undefined) {
    this.total = total
    this.lowest = available
    this.#receive(available, expiresAt)
  }

  /** How many grants have credits left that expire. */
  get expiring(): number {
    return this.#expiring?.length ?? 0
  }

  /** When the next credits expire. */
  get nextExpiry(): number {
    return this.#expiring?.[0]?.at ?? Infinity
  }

  /** Whether the sums stay exact when so much is added. */
  hasRoomFor(hundredths: number): boolean {
    return Math.max(this.total, this.granted) + hundredths <= maxCredits * 100
  }

  grant(hundredths: number, at: number, expiresAt: number | undefined): void {
    this.#point(at)
    this.total += hundredths
    this.#receive(hundredths, expiresAt)
    this.#point(at)
  }

  spend(hundredths: number, at: number): void {
    this.#point(at)
    this.spent += hundredths
    this.#take(hundredths)
    this.#point(at)
  }

  /** Takes at most what is available, and returns how much that was. */
  drain(hundredths: number): number {
    const taken = Math.min(hundredths, Math.max(0, this.available))
    this.drained += taken
    this.#take(taken)
    return taken
  }

  /** Takes what is left of the credits that expire next. */
  expireNext(at: number): void {
    const { left = 0 } = this.#expiring?.shift() ?? {}
    this.#point(at)
    this.available -= left
    this.expired += left
    this.lowest = Math.min(this.lowest, this.available)
    this.#point(at)
  }

  /** The balance before and after each of the last movements. Between two movements only a drain can change it. */
  get points(): ReadonlyArray<BalancePoint> {
    return this.#points ?? []
  }

  #receive(hundredths: number, expiresAt: number | undefined): void {
    this.granted += hundredths
    this.available += hundredths
    if (expiresAt !== undefined && hundredths > 0) {
      insertByTime(this.#expiring ??= [], { left: hundredths, at: expiresAt })
    }
  }

  /** Takes credits, those that expire soonest first. */
  #take(hundredths: number): void {
    let owed = hundredths
    for (const grant of this.#expiring ?? []) {
      const part = Math.min(owed, grant.left)
      grant.left -= part
      owed -= part
    }
    while (this.#expiring?.[0]?.left === 0) this.#expiring.shift()
    this.available -= hundredths
    this.lowest = Math.min(this.lowest, this.available)
  }

  #point(at: number): void {
    const points = this.#points ??= []
    points.push({ at, availableCredits: toCredits(this.available) })
    if (points.length > maxPoints) points.splice(0, points.length - maxPoints)
  }
}
