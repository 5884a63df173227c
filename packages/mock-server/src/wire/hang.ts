import type { WireFault } from "./fault.ts"

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener("abort", () => resolve(), { once: true })
  })

/** Never answers. Ends when the client gives up, or when the server closes. */
export const hang: WireFault = {
  onSocket: ({ signal }) => aborted(signal),
  inProcess: async (_response, signal) => {
    await aborted(signal)
    throw signal.reason
  }
}
