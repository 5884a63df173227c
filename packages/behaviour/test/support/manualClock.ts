/** A clock that is moved by hand. Unlike fake timers it has fractions of milliseconds. */
export class ManualClock {
  #now = 0
  readonly #timers = new Map<object, { readonly at: number; readonly run: () => void }>()

  readonly now = (): number => this.#now

  /** Runs something later; the returned function cancels that. An infinite time needs no timer. */
  readonly after = (millis: number, run: () => void): () => void => {
    const timer = {}
    if (millis < Infinity) this.#timers.set(timer, { at: this.#now + millis, run })
    return () => this.#timers.delete(timer)
  }

  readonly sleep = (millis: number): Promise<void> => new Promise((resolve) => this.after(millis, resolve))

  /** Moves to the next timer, if there is one. */
  readonly next = (): boolean => {
    const [first] = [...this.#timers].toSorted(([, one], [, other]) => one.at - other.at)
    if (first === undefined) return false
    const [timer, { at, run }] = first
    this.#timers.delete(timer)
    this.#now = at
    run()
    return true
  }
}
