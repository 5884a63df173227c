/** How long one machine has seen the books closed. Its own clock tells, since the store's may jump. */

export interface Window {
  /** What an answer of the store said. */
  readonly heard: (name: string, open: boolean) => void
  /** The name of the books that were closed for the whole window, or nothing: what the next command tells the store. */
  readonly waited: () => string
  /** Milliseconds that are left of the window; 0 when the books were open when last heard of. */
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
