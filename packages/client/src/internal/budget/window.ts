/** How long one machine has seen the books closed, by its own clock, because the store's clock may jump. */

export interface Window {
  /** Notes what an answer of the store says. */
  readonly heard: (name: string, open: boolean) => void
  /**
   * The name of the books that were closed for the whole window, or an empty text. The next command sends it to the
   * store.
   */
  readonly waited: () => string
  /** Milliseconds that are left of the window; 0 if the books were open in the last answer. */
  readonly left: () => number
}

/**
 * Counts from the arrival of the first answer that says so to the sending of a command, so never more than the store
 * has been closed for. A clock that stands still while the machine is suspended makes the window longer.
 */
export const make = (span: number, monotonic: () => number): Window => {
  let closed: { readonly name: string; readonly since: number } | undefined
  const left = () => closed === undefined ? 0 : Math.max(0, Math.ceil(closed.since + span - monotonic()))
  return {
    heard: (name, open) => {
      if (open) closed = undefined
      else if (closed?.name !== name) closed = { name, since: monotonic() }
    },
    waited: () => closed !== undefined && left() === 0 ? closed.name : "",
    left
  }
}
