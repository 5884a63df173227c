/** Where something can be told to those who want to know. */
export interface Emitter<Event> {
  /** Whether anyone wants to know. */
  readonly any: boolean
  readonly emit: (event: Event) => void
}

/** Calls everyone who asked to be told. */
export class Subscribers<Event> implements Emitter<Event> {
  readonly #listeners = new Set<(event: Event) => void>()

  get any(): boolean {
    return this.#listeners.size > 0
  }

  /** The function that comes back ends the subscription. */
  subscribe(listener: (event: Event) => void): () => void {
    const own = (event: Event): void => listener(event)
    this.#listeners.add(own)
    return () => void this.#listeners.delete(own)
  }

  /** What a listener throws is its own affair: it is an uncaught error, and the others are told all the same. */
  emit(event: Event): void {
    for (const listener of this.#listeners) {
      try {
        listener(event)
      } catch (error) {
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }
}
