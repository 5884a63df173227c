/** The time as one tenant sees it, in milliseconds. */
export interface Clock {
  readonly now: () => number
  /** Resolves after `millis`, or rejects with the signal's reason as soon as it aborts. */
  readonly sleep: (millis: number, signal: AbortSignal) => Promise<void>
}

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (millis, signal) =>
    new Promise((resolve, reject) => {
      const onAbort = () => {
        clearTimeout(timer)
        reject(signal.reason)
      }
      const timer = setTimeout(() => {
        signal.removeEventListener("abort", onAbort)
        resolve()
      }, millis)
      if (signal.aborted) onAbort()
      else signal.addEventListener("abort", onAbort, { once: true })
    })
}
