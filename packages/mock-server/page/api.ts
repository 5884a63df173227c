import { adminPath } from "../src/admin/calls.ts"
import type { ErrorBody } from "../src/values/error-body.ts"

const storageKey = "pollo-mock-admin-token"

/** The token lasts as long as the tab. */
export const adminToken = {
  get: (): string | null => sessionStorage.getItem(storageKey),
  set: (token: string): void => sessionStorage.setItem(storageKey, token)
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
  error instanceof RefusedError ? error.message : "The server cannot be reached"

export const accountPath = (key: string): string => `/accounts/${encodeURIComponent(key)}`
