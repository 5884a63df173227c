import { Validator } from "@seriousme/openapi-schema-validator"
import { Ajv2020 } from "ajv/dist/2020.js"
import { describe, expect, it } from "vitest"
import { createMockServer } from "../../src/index.ts"
import { adminDocument } from "../../src/admin/openapi.ts"
import { operations } from "../../src/admin/operations.ts"
import { request } from "../support.ts"

const calls = Object.values(operations)
const document = adminDocument(calls)
const server = createMockServer()
const get = (path: string) => server.fetch(new Request(`http://mock/__admin${path}`))

const ajv = new Ajv2020({ strict: false })
ajv.addSchema({ $id: "admin", ...document })

/** A check of the schema at that place of the document. */
const schemaAt = (...place: ReadonlyArray<string>) => {
  const escaped = [...place, "content", "application/json", "schema"].map((part) =>
    encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1"))
  )
  return ajv.compile({ $ref: `admin#/${escaped.join("/")}` })
}

const answerOf = (path: string, method: string, status: string) =>
  schemaAt("paths", path, method.toLowerCase(), "responses", status)

describe("the document of the admin API", () => {
  it("is what the server serves, and is OpenAPI", async () => {
    const response = await get("/openapi.json")
    expect(response.headers.get("content-type")).toBe("application/json")
    expect(await response.json()).toEqual(document)
    expect(await new Validator().validate(structuredClone(document))).toMatchObject({ valid: true })
  })

  it("has every call", () => {
    const described = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`)
    )
    expect(described.toSorted()).toEqual(calls.map(({ method, path }) => `${method} ${path}`).toSorted())
    expect(
      new Set(
        Object.values(document.paths).flatMap((item) => Object.values(item).map(({ operationId }) => operationId))
      ).size
    ).toBe(calls.length)
  })

  const bodies: Readonly<Record<string, unknown>> = {
    setAccount: {
      availableCredits: 12.5,
      drainPerMinute: 1,
      lagMillis: 5,
      limit: { capacity: 9, refillPerSecond: 1, retryAfter: "date" }
    },
    spend: { credits: 1, id: "a", inMillis: 5 },
    topUp: { credits: 1, expiresInMillis: 5 },
    setPlan: { steps: ["503_x2", "ok"] },
    advance: { millis: 1 },
    verify: { key: "k", expect: { attempts: { min: 1 }, noOverlap: true } },
    setSettings: { limit: { capacity: 1, refillPerSecond: 1 } }
  }

  it.each(calls.map((call) => [call.id, call] as const))("tells what %s answers", async (id, { method, path }) => {
    await server.fetch(request("k"))
    const { status } = await server.fetch(request())
    expect(status).toBe(401)
    const query = path === "/requests/summary" ? "?key=k" : ""
    const sent = method === "PUT" || method === "POST" ? { body: JSON.stringify(bodies[id] ?? {}) } : {}
    const response = await server.fetch(
      new Request(`http://mock/__admin${path.replace("{key}", "k")}${query}`, { method, ...sent })
    )
    if (response.status === 204) {
      expect(document.paths[path]?.[method.toLowerCase()]?.responses).toHaveProperty("204")
      return
    }
    expect(response.status).toBe(200)
    const check = answerOf(path, method, "200")
    const answer: unknown = await response.json()
    check(answer)
    expect(check.errors).toBe(null)
  })

  it.each(Object.entries(bodies))("lets %s be sent what the server takes", (id, body) => {
    const { method = "", path = "" } = calls.find((call) => call.id === id) ?? {}
    const check = schemaAt("paths", path, method.toLowerCase(), "requestBody")
    expect(check(body)).toBe(true)
    expect(check({ ...Object(body), strange: 1 })).toBe(false)
  })

  it("tells what a refusal looks like", async () => {
    const refused = await server.fetch(
      new Request("http://mock/__admin/accounts/k/spend", { method: "POST", body: `{"credits":1e6}` })
    )
    expect(refused.status).toBe(409)
    expect(answerOf("/accounts/{key}/spend", "POST", "409")(await refused.json())).toBe(true)
    const bad = await server.fetch(new Request("http://mock/__admin/accounts/k/spend", { method: "POST", body: "[]" }))
    expect(answerOf("/accounts/{key}/spend", "POST", "default")(await bad.json())).toBe(true)
  })
})

describe("the page of the admin API", () => {
  it("shows every call, and needs nothing from elsewhere", async () => {
    const response = await get("/docs")
    expect(response.headers.get("content-type")).toBe("text/html; charset=UTF-8")
    const page = await response.text()
    for (const { method, path, summary } of calls) {
      expect(page).toContain(`${method} /__admin${path}`)
      expect(page).toContain(summary)
    }
    expect(page).not.toMatch(/\b(?:src|href)="(?!\/__admin\/)|@import|url\(|<script/)
    for (const field of ["drainPerMinute?: number", "credits: number", "retryAfter?:", "steps: [string, …]"]) {
      expect(page).toContain(field)
    }
  })
})
