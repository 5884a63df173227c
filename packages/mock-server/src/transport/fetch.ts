/** The signature of the global `fetch`. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>

/**
 * Makes a `fetch` of a function that answers requests. As with the global one, `init` takes precedence over a
 * `Request`, and arguments that make no valid request reject with a `TypeError`.
 */
export const asFetch = (answer: (request: Request) => Promise<Response>): Fetch => async (input, init) =>
  // A Request may be of another class than the global one: a server elsewhere in the process has put its own there.
  answer(typeof input === "string" || input instanceof URL || init !== undefined ? new Request(input, init) : input)
