/** A place to emit events to. */
export interface Emitter<Event> {
  /** Whether anybody listens. */
  readonly any: boolean
  readonly emit: (event: Event) => void
}

/** Emits events to every listener that has subscribed. */
export class Subscribers<Event> implements Emitter<Event> {
  readonly #listeners = new Set<(event: Event) => void>()

  get any(): boolean {
    return this.#listeners.size > 0
  }

  /** The returned function ends the subscription. */
  subscribe(listener: (event: Event) => void): () => void {
    const own = (event: Event): void => listener(event)
    this.#listeners.add(own)
    return () => void this.#listeners.delete(own)
  }

  /** What a listener throws becomes an uncaught error, and the other listeners are still called. */
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
