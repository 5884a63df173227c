import { expect } from "vitest"
import { createMockServer } from "../../src/index.ts"
import { isError, request } from "../support.ts"

/** A server, and its admin API as HTTP clients call it. */
export const start = () => {
  const server = createMockServer()
  const call = async (method: string, path: string, body?: unknown) => {
    const response = await server.fetch(
      new Request(`http://mock/__admin${path}`, {
        method,
        ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) })
      })
    )
    const text = await response.text()
    const json: unknown = text === "" ? undefined : JSON.parse(text)
    return { status: response.status, headers: response.headers, body: json }
  }
  const refusal = async (method: string, path: string, body?: unknown) => {
    const { body: error, status } = await call(method, path, body)
    expect(isError(error)).toBe(true)
    return { status, error }
  }
  const ask = async (key: string) => {
    const response = await server.fetch(request(key))
    return { status: response.status, headers: response.headers, body: await response.json() }
  }
  return { server, call, refusal, ask }
}
