/** What the balance endpoint reports. */
export interface Balance {
  readonly availableCredits: number
  readonly totalCredits: number
}

/** The credits of one tenant. */
export class Ledger {
  readonly #opening: Balance

  constructor(opening: Balance) {
    this.#opening = opening
  }

  get balance(): Balance {
    return this.#opening
  }
}
