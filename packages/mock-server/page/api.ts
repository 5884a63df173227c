import { adminPath } from "../src/admin/calls.ts"
import type { ErrorBody } from "../src/values/error-body.ts"

const storageKey = "pollo-mock-admin-token"

/** What a header can hold without white space. */
const visibleAscii = /^[\x21-\x7e]+$/

let typed: string | null = null

/** The token lasts as long as the tab, or the page where the browser keeps nothing for it. */
export const adminToken = {
  isPossible: (token: string): boolean => visibleAscii.test(token),
  get: (): string | null => {
    try {
      typed ??= sessionStorage.getItem(storageKey)
    } catch {
      // Storage is blocked.
    }
    return typed !== null && visibleAscii.test(typed) ? typed : null
  },
  set: (token: string): void => {
    typed = token
    try {
      sessionStorage.setItem(storageKey, token)
    } catch {
      // Storage is blocked or full.
    }
  }
}

/** The server refused a call. The message says why, with the name of the field. */
export class RefusedError extends Error {
  override readonly name = "RefusedError"
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

const refusal = async (response: Response): Promise<RefusedError> => {
  try {
    const { issues = [], message }: ErrorBody = await response.json()
    return new RefusedError(response.status, issues[0]?.message ?? message)
  } catch {
    return new RefusedError(response.status, `The server answered ${response.status}`)
  }
}

/**
 * One call of the admin API.
 *
 * @throws RefusedError when the server refuses it
 */
export const call = async (method: string, path: string, options: {
  readonly body?: unknown
  readonly signal?: AbortSignal
} = {}): Promise<Response> => {
  const token = adminToken.get()
  const response = await fetch(adminPath + path, {
    method,
    cache: "no-store",
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(options.body === undefined ? {} : { "content-type": "application/json" })
    },
    ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
    ...(options.signal === undefined ? {} : { signal: options.signal })
  })
  if (response.ok) return response
  throw await refusal(response)
}

/** A call that a person made, and what to tell them when it does not work. */
export const explain = (error: unknown): string =>
  error instanceof RefusedError
    ? error.message
    : isNetwork(error)
    ? "The server cannot be reached"
    : `This page failed: ${error instanceof Error ? error.message : String(error)}`

/** What `fetch` and a stream throw when the connection is not there or goes. */
export const isNetwork = (error: unknown): boolean =>
  error instanceof TypeError || (error instanceof DOMException && error.name === "AbortError")

export const accountPath = (key: string): string => `/accounts/${encodeURIComponent(key)}`
