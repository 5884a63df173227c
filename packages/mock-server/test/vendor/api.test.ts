import { describe, expect, it } from "vitest"
import { createMockServer } from "../../src/index.ts"
import spec from "../../spec/openapi.json" with { type: "json" }
import { conforms, read, request } from "../support.ts"

const server = createMockServer()
const at = (path: string, init?: RequestInit) => server.fetch(new Request(`http://mock${path}`, init))
const balance = "/api/platform/credit/balance"
const allowedOrigin = (response: Response) => response.headers.get("access-control-allow-origin")
const document = "/api/platform/api/openapi.json"

describe("the API", () => {
  it.each([["no key", undefined], ["an empty key", ""]])("answers 401 to %s", async (_what, key) => {
    const seen = await read(await server.fetch(request(key)))
    expect(seen.status).toBe(401)
    expect(conforms(seen)).toBe(true)
    expect(JSON.parse(seen.text).code).toBe("UNAUTHORIZED")
  })

  it("gives any key 1000 credits of 1000", async () => {
    expect(await (await server.fetch(request("anything at all"))).json()).toEqual({
      availableCredits: 1000,
      totalCredits: 1000
    })
  })

  it("serves the vendor's document where its externalDocs say", async () => {
    const { pathname } = new URL(spec.externalDocs.url)
    const response = await at(pathname)
    expect(response.status).toBe(200)
    expect(response.headers.get("content-type")).toBe("application/json")
    expect(await response.json()).toEqual(spec)
  })

  it("lives where the vendor's document says", () => {
    const [{ url } = { url: "" }] = spec.servers
    expect(Object.keys(spec.paths).map((path) => new URL(url).pathname + path)).toEqual([balance])
  })

  it.each(["/", "/nowhere", "/api/platform", "/api/platform/credit", "/credit/balance", `/${balance}`, `${balance}/x`])(
    "answers 404 at %s",
    async (path) => {
      const seen = await read(await at(path, { headers: { "x-api-key": "k" } }))
      expect(seen.status).toBe(404)
      expect(conforms(seen)).toBe(true)
      expect(JSON.parse(seen.text).code).toBe("NOT_FOUND")
    }
  )

  it.each([
    ["POST", balance],
    ["PUT", balance],
    ["DELETE", balance],
    ["PATCH", `${balance}/`],
    ["BREW", balance],
    ["POST", document]
  ])("answers 405 with Allow to %s %s", async (method, path) => {
    const seen = await read(await at(path, { method, headers: { "x-api-key": "mock_503" } }))
    expect(seen.status).toBe(405)
    expect(conforms(seen)).toBe(true)
    expect(seen.headers.get("allow")).toBe("GET, HEAD, OPTIONS")
    expect(JSON.parse(seen.text).code).toBe("METHOD_NOT_SUPPORTED")
  })

  it("uses up no step for a wrong method", async () => {
    const headers = { "x-api-key": "mock_503_then_ok.method" }
    await at(balance, { method: "POST", headers })
    await at(balance, { method: "OPTIONS", headers })
    expect((await at(balance, { headers })).status).toBe(503)
  })

  it("does not mind a slash at the end or a query", async () => {
    expect((await at(`${balance}/?a=b`, { headers: { "x-api-key": "k" } })).status).toBe(200)
  })

  it.each([["k", 200], ["mock_503", 503]])("answers HEAD with key %s as GET without the body", async (key, status) => {
    const head = await read(await server.fetch(request(key, { method: "HEAD" })))
    const get = await read(await server.fetch(request(key)))
    expect([head.status, head.text]).toEqual([status, ""])
    expect([...head.headers]).toEqual([...get.headers])
  })

  it("says what is allowed on OPTIONS", async () => {
    const response = await at(balance, { method: "OPTIONS" })
    expect([response.status, response.headers.get("allow")]).toEqual([204, "GET, HEAD, OPTIONS"])
  })
})

describe("CORS", () => {
  const local = ["http://localhost:5173", "http://localhost", "https://127.0.0.1:3000", "http://[::1]:8080"]
  const foreign = ["https://example.com", "http://localhost.example.com", "http://127.0.0.1.example.com:80", "null"]

  it.each(local)("lets a page of %s read answers and Retry-After", async (origin) => {
    for (const key of ["k", "mock_rate_limited", undefined]) {
      const response = await server.fetch(request(key, { headers: { origin } }))
      expect(allowedOrigin(response)).toBe(origin)
      expect(response.headers.get("vary")).toBe("Origin")
      expect(response.headers.get("access-control-expose-headers")).toBe("Retry-After")
    }
  })

  it.each(local)("answers the preflight for x-api-key of a page of %s, and uses up no step", async (origin) => {
    const key = `mock_503_then_ok.${origin}`
    const response = await at(balance, {
      method: "OPTIONS",
      headers: { origin, "access-control-request-method": "GET", "access-control-request-headers": "x-api-key" }
    })
    expect(response.status).toBe(204)
    expect(allowedOrigin(response)).toBe(origin)
    expect(response.headers.get("access-control-allow-headers")).toBe("x-api-key")
    expect(response.headers.get("access-control-allow-methods")).toBe("GET,HEAD")
    expect((await server.fetch(request(key))).status).toBe(503)
  })

  it.each(foreign)("does not let a page of %s read anything", async (origin) => {
    expect(allowedOrigin(await server.fetch(request("k", { headers: { origin } })))).toBe(null)
    expect(allowedOrigin(await at(balance, { method: "OPTIONS", headers: { origin } }))).toBe(null)
  })

  it("adds nothing to the answers of other clients", async () => {
    expect([...(await server.fetch(request("k"))).headers.keys()]).toEqual(["content-type"])
  })
})
