/** The parts of a request: its path and its headers. */

/** The path of the balance, below the base URL. */
export const balancePath = "/credit/balance"

/** The most bytes of a body that are read, counted after decompression. */
export const defaultMaxBodySize = 64 * 1024

/**
 * The headers of a request. A browser keeps its own `User-Agent`: some browsers drop another one silently, and in the
 * others it would be one more header that the server must allow across origins.
 */
export const requestHeaders = (apiKey: string, version: string): Readonly<Record<string, string>> => ({
  accept: "application/json",
  "x-api-key": apiKey,
  ...(globalThis.navigator?.userAgent?.startsWith("Mozilla/") ? undefined : { "user-agent": `effect-pollo/${version}` })
})

/** Browsers give status 0 for a redirect that was not followed. A 304 is not a redirect. */
export const isRedirectStatus = (status: number): boolean =>
  status === 0 || (status >= 300 && status < 400 && status !== 304)
