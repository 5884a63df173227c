import { Ajv } from "ajv"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { createMockServer } from "../../src/index.ts"
import { operations } from "../../src/admin/operations.ts"
import { isError } from "../support.ts"

const server = createMockServer({ maxKeys: 200, maxRequests: 50 })

const send = async (method: string, path: string, body?: string) => {
  const response = await server.fetch(
    new Request(`http://mock/__admin${path}`, { method, ...(body === undefined ? {} : { body }) })
  )
  const text = await response.text()
  return { status: response.status, text, json: text === "" ? undefined : (JSON.parse(text) as unknown) }
}

/** Whether an error names a field in each of its issues, of which there is one. */
const namesFields = new Ajv().compile({
  type: "object",
  required: ["issues"],
  properties: {
    issues: {
      type: "array",
      minItems: 1,
      items: { type: "object", properties: { message: { type: "string", pattern: "^.+?: ." } } }
    }
  }
})

const calls = Object.values(operations)
const names = [...new Set(calls.flatMap(({ body, query }) => Object.keys({ ...body.entries, ...query.entries })))]

const odd = fc.oneof(
  fc.constantFrom(0, -0, -1, 0.001, 0.1 + 0.2, 1e12, 1e13, 1e308, "", "ok", "503", "…", "a…1", true, null, [], {}),
  fc.double(),
  fc.integer(),
  fc.string(),
  fc.array(fc.constantFrom("ok", "503_x2", "hang", "no", 5)),
  fc.record({ min: fc.integer(), max: fc.integer() }, { requiredKeys: [] }),
  fc.record({ capacity: fc.integer(), refillPerSecond: fc.double(), retryAfter: fc.string() }, { requiredKeys: [] }),
  fc.jsonValue()
)
const fields = fc.dictionary(fc.oneof(fc.constantFrom(...names), fc.string(), fc.constant("__proto__")), odd)
const bodies = fc.oneof(fields, fc.jsonValue()).map((value) => JSON.stringify(value))
const keys = fc.oneof(fc.constantFrom("k", "mock_503_then_ok", "…", "a…1"), fc.string({ unit: "binary" }))
const queries = fc.dictionary(fc.oneof(fc.constantFrom("key", "limit"), fc.string()), fc.string())

const url = (path: string, key: string, query: Record<string, string>) =>
  `${path.replace("{key}", encodeURIComponent(key))}?${new URLSearchParams(query)}`

describe("whatever is sent to the admin API", () => {
  it.each(calls.map((call) => [`${call.method} ${call.path}`, call] as const))(
    "%s does it, or says which field is wrong",
    async (_name, { method, path }) => {
      await fc.assert(fc.asyncProperty(keys, queries, bodies, async (key, query, body) => {
        const hasBody = method === "PUT" || method === "POST"
        const { json, status } = await send(method, url(path, key.toWellFormed(), query), hasBody ? body : undefined)
        if (status < 300) return
        expect([400, 404, 405, 409]).toContain(status)
        expect(isError(json)).toBe(true)
        if (status === 400) expect(namesFields(json)).toBe(true)
      }))
    }
  )

  it("is never a failure of the server itself", async () => {
    const methods = fc.constantFrom("GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "HEAD")
    const paths = fc.oneof(fc.webPath(), fc.constantFrom("/accounts/%", "/accounts/%zz", "/clock/%E2%80/freeze", "//"))
    await fc.assert(fc.asyncProperty(methods, paths, fc.string(), async (method, path, body) => {
      const withBody = method === "PUT" || method === "POST" || method === "PATCH"
      const { status } = await server.fetch(
        new Request(`http://mock/__admin${path}`, { method, ...(withBody ? { body } : {}) })
      )
      expect(status).toBeLessThan(500)
    }))
  })

  it("reaches any key that all clients send alike, percent-encoded", async () => {
    const inside = fc.integer({ min: 0x20, max: 0x7e })
    const headerText = fc.string({ unit: inside.map((code) => String.fromCharCode(code)), minLength: 1 })
      .filter((text) => text.trim() === text && text !== "." && text !== "..")
    await fc.assert(fc.asyncProperty(headerText, fc.integer({ min: 1, max: 1_000_000 }), async (key, credits) => {
      const availableCredits = credits / 100
      const { json, status } = await send("PUT", url("/accounts/{key}", key, {}), JSON.stringify({ availableCredits }))
      expect([status, json]).toMatchObject([200, { key, availableCredits }])
      const response = await server.fetch(
        new Request("http://mock/api/platform/credit/balance", { headers: { "x-api-key": key } })
      )
      if (response.status === 200 && !key.toLowerCase().startsWith("mock_")) {
        expect(await response.json()).toEqual({ availableCredits, totalCredits: availableCredits })
      }
      expect(await server.admin.countRequests({ key })).toMatchObject({ count: expect.any(Number) })
    }))
  })
})

it("reaches a key beyond ASCII by its label, and never opens another one for it", async () => {
  const { admin, fetch } = createMockServer()
  await fetch(new Request("http://mock/api/platform/credit/balance", { headers: { "x-api-key": "café" } }))
  await expect(admin.setAccount("café", { availableCredits: 1 })).rejects.toMatchObject({ status: 400 })
  const { accounts } = await admin.accounts()
  expect(accounts).toHaveLength(1)
  expect(await admin.account(accounts[0]?.label ?? "")).toMatchObject({ attempts: 1 })
})

describe("a bad field", () => {
  it.each([
    ["PUT", "/accounts/k", {}, ["availableCredits: is required"]],
    ["PUT", "/accounts/k", { availableCredits: "5" }, [`availableCredits: must be a number, not "5"`]],
    ["PUT", "/accounts/k", { availableCredits: 0.125 }, [
      "availableCredits: must have at most two decimals, and lie within ±1000000000000, not 0.125"
    ]],
    ["PUT", "/accounts/k", { availableCredits: 1, availableCredit: 2 }, [
      "availableCredit: is no field here. Those are availableCredits, totalCredits, drainPerMinute, lagMillis, " +
      "expiresInMillis, limit, profile"
    ]],
    ["PUT", "/accounts/k", { availableCredits: 1, limit: { capacity: 0.5, refillPerSecond: -1, burst: 1 } }, [
      "limit.capacity: must be a whole number from 1 to 1000000, not 0.5",
      "limit.refillPerSecond: must be a number from 0 to 1000000, not -1",
      "limit.burst: is no field here"
    ]],
    ["PUT", "/accounts/k", { availableCredits: 1, limit: { capacity: 1, refillPerSecond: 1, retryAfter: "never" } }, [
      `limit.retryAfter: must be one of seconds, date, none, zero, past, huge, garbage, not "never"`
    ]],
    ["POST", "/accounts/k/spend", { credits: 0 }, ["credits: must be more than 0, not 0"]],
    ["POST", "/accounts/k/spend", { credits: 1, id: "" }, ["id: must be a text of 1 to 200 characters"]],
    ["PUT", "/accounts/k/plan", { steps: [] }, ["steps: must name at least one step"]],
    ["PUT", "/accounts/k/plan", { steps: "ok" }, [`steps: must be a list of steps, not "ok"`]],
    ["PUT", "/accounts/k/plan", { steps: [503] }, ["steps.0: must be a text of 1 to 200 characters, not 503"]],
    ["POST", "/clock/k/advance", {}, ["millis: is required"]],
    ["POST", "/clock/k/freeze", { milis: 5 }, ["milis: is no field here. Those are millis"]],
    ["POST", "/requests/count", { status: "503" }, [`status: must be a status from 100 to 599, not "503"`]],
    ["GET", "/requests?limit=ten", undefined, [`limit: must be a whole number from 0 to 1000000, not "ten"`]],
    ["GET", "/requests?kee=k", undefined, ["kee: is no field here. Those are key, limit"]],
    ["POST", "/reset?kee=k", undefined, ["kee: is no field here. Those are key"]],
    ["POST", "/accounts/k/spend", [1], ["body: must be a JSON object"]],
    ["POST", "/accounts/k/spend", null, ["body: must be a JSON object"]],
    ["POST", "/accounts/k/spend", undefined, ["credits: is required"]],
    ["GET", "/accounts/%0A", undefined, ["key: must be visible ASCII; the label stands for any other key"]],
    ["GET", "/accounts/caf%C3%A9", undefined, ["key: must be visible ASCII; the label stands for any other key"]],
    ["GET", `/accounts/${encodeURIComponent("k…77")}`, undefined, ["key: is the label of no known key"]]
  ])("%s %s %j: %j", async (method, path, body, issues) => {
    const { json } = await send(method, path, body === undefined ? undefined : JSON.stringify(body))
    expect(json).toMatchObject({ issues: issues.map((message) => ({ message })) })
  })

  it("says that a body must be JSON", async () => {
    expect((await send("POST", "/accounts/k/spend", "{credits: 1}")).json).toEqual({
      message: "The body cannot be used",
      code: "BAD_REQUEST",
      issues: [{ message: "body: must be JSON" }]
    })
  })
})
