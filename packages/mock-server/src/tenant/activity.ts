/** An open request, as requests see it that arrive meanwhile. */
export interface OpenRequest {
  /** Whether its client has left, which may be known before the request has ended. */
  readonly isLeft: boolean
}

/** What was known of a key when one of its requests arrived. */
export interface Arrival {
  /** Which request of its key it is, from 1. */
  readonly attempt: number
  /** Since the arrival of the key's previous request. */
  readonly intervalMillis: number | null
  /** Since the end of the key's previous request; `null` when another was still open. */
  readonly waitedMillis: number | null
  /** The requests of the key that were open. */
  readonly others: ReadonlyArray<OpenRequest>
}

const none: ReadonlyArray<never> = []

/**
 * The requests of a key since it was first seen or reset. A reset begins a new activity, in which a request that is
 * still open no longer counts. Times are those of the key's clock.
 */
export class Activity {
  /** Requests so far. */
  attempts: number
  /** Requests that the journal has dropped for lack of room. */
  lost = 0
  readonly #open = new Set<OpenRequest>()
  #arrivedAt: number | undefined = undefined
  #endedAt: number | undefined = undefined

  constructor(attempts = 0) {
    this.attempts = attempts
  }

  arrive(request: OpenRequest, at: number): Arrival {
    const others = this.#open.size === 0 ? none : [...this.#open]
    const arrival = {
      attempt: ++this.attempts,
      intervalMillis: this.#arrivedAt === undefined ? null : at - this.#arrivedAt,
      waitedMillis: others.length > 0 || this.#endedAt === undefined ? null : at - this.#endedAt,
      others
    }
    this.#open.add(request)
    this.#arrivedAt = at
    return arrival
  }

  end(request: OpenRequest, at: number): void {
    this.#open.delete(request)
    this.#endedAt = at
  }
}
