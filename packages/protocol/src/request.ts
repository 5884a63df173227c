/** What is sent, beside the key. */

/** Below the base URL. */
export const balancePath = "/credit/balance"

/** Bytes of a body, after decompression, beyond which reading stops. */
export const defaultMaxBodySize = 64 * 1024

/**
 * The headers of a request. A browser is left its own `User-Agent`: some drop another one without a word, and for the
 * others it would be one more header that the server must allow across origins.
 */
export const requestHeaders = (apiKey: string, version: string): Readonly<Record<string, string>> => ({
  accept: "application/json",
  "x-api-key": apiKey,
  ...(globalThis.navigator?.userAgent?.startsWith("Mozilla/") ? undefined : { "user-agent": `effect-pollo/${version}` })
})

/** Browsers give status 0 for a redirect that was not followed. A 304 leads nowhere. */
export const isRedirectStatus = (status: number): boolean =>
  status === 0 || (status >= 300 && status < 400 && status !== 304)
