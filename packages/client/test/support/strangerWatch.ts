/**
 * What a world knows of its stranger, to judge what the books say of spending that nobody explains.
 *
 * Promised: no alarm without a stranger, and an alarm whenever, between two readings at which nothing was held, a
 * stranger spent more than came in and than jobs said beyond their charges.
 */
import { assert } from "@effect/vitest"

interface Event {
  readonly kind: "stolen" | "came in" | "said too much" | "unsure"
  readonly credits: number
  /** How many balances there had been before; the order in which all this was. */
  readonly past: number
  readonly order: number
}

export interface Reading {
  readonly books: string
  /** The number of its ticket, and of the counter when it arrived. */
  readonly requested: number
  readonly arrived: number
  /** By the time of the books. */
  readonly requestedAt: number
  readonly arrivedAt: number
  /** The oldest and the latest balance that it may show. */
  readonly oldest: number
  readonly latest: number
  readonly nothingHeld: boolean
  readonly unexplained: number
}

export class StrangerWatch {
  readonly #events: Array<Event> = []
  readonly #readings: Array<Reading & { readonly order: number }> = []
  #order = 0
  readonly #lag: number

  constructor(lag: number) {
    this.#lag = lag
  }

  get hasStranger(): boolean {
    return this.#events.some(({ kind }) => kind === "stolen")
  }

  add(kind: Event["kind"], credits: number, past: number): void {
    if (credits > 0) this.#events.push({ kind, credits, past, order: this.#order++ })
  }

  read(reading: Reading): void {
    const order = this.#order++
    if (!this.hasStranger) assert.strictEqual(reading.unexplained, 0, "no alarm without a stranger")
    this.#readings.push({ ...reading, order })
    if (!reading.nothingHeld) return
    for (const earlier of this.#readings) {
      const counts = earlier.nothingHeld && earlier.books === reading.books && earlier.arrived < reading.requested &&
        earlier.arrivedAt + this.#lag <= reading.requestedAt
      if (!counts) continue
      const sum = (credits: (event: Event) => boolean) =>
        this.#events.filter(credits).reduce((sum, event) => sum + event.credits, 0)
      const stolen = sum(({ kind, past }) => kind === "stolen" && past > earlier.latest && past <= reading.oldest)
      const hidden = sum(({ kind, order, past }) =>
        kind === "unsure" ||
        (kind === "came in" && past > earlier.oldest) ||
        (kind === "said too much" && order > earlier.order)
      )
      const told = this.#readings.filter((later) => later.order > earlier.order)
        .reduce((sum, { unexplained }) => sum + unexplained, 0)
      assert.isAtLeast(told, stolen - hidden, "what a stranger took between two quiet readings is told")
    }
  }
}
