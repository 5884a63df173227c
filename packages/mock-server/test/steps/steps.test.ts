import { describe, expect, it } from "vitest"
import { createMockServer } from "../../src/index.ts"
import { findStep } from "../../src/steps/table.ts"
import { conforms, namedSteps, read, request } from "../support.ts"

const server = createMockServer({ slowMillis: 1 })
const ask = async (key: string) => read(await server.fetch(request(key)))

const answered = namedSteps.filter(({ step }) => step.fault === undefined)

describe("the table of steps", () => {
  it("has no name twice", () => {
    expect(new Set(namedSteps.map(({ name }) => name)).size).toBe(namedSteps.length)
  })

  it("has only names that the key grammar can tell apart", () => {
    for (const { name } of namedSteps) expect(name).toMatch(/^(?!.*_before_)(?!.*_x\d+$)[a-z0-9_]+$/)
    const inTwoParts = namedSteps.map(({ name }) => name).filter((name) => name.includes("_then_"))
    expect(inTwoParts).toEqual(["random_data_then_close"])
    for (const part of inTwoParts.flatMap((name) => name.split("_then_"))) expect(findStep(part)).toBeUndefined()
  })

  it.each(answered)("mock_$name conforms to the vendor's document exactly when it says so", async ({ name, step }) => {
    expect(conforms(await ask(`mock_${name}`))).toBe(step.conforms)
  })
})

describe("documented statuses", () => {
  it.each([
    ["bad_request", 400, "BAD_REQUEST"],
    ["unauthorized", 401, "UNAUTHORIZED"],
    ["forbidden", 403, "FORBIDDEN"],
    ["not_found", 404, "NOT_FOUND"],
    ["rate_limited", 429, "TOO_MANY_REQUESTS"],
    ["500", 500, "INTERNAL_SERVER_ERROR"],
    ["503", 503, "SERVICE_UNAVAILABLE"],
    ["504", 504, "GATEWAY_TIMEOUT"],
    ["402", 402, "PAYMENT_REQUIRED"],
    ["408", 408, "TIMEOUT"],
    ["409", 409, "CONFLICT"],
    ["412", 412, "PRECONDITION_FAILED"],
    ["413", 413, "PAYLOAD_TOO_LARGE"],
    ["415", 415, "UNSUPPORTED_MEDIA_TYPE"],
    ["422", 422, "UNPROCESSABLE_CONTENT"],
    ["428", 428, "PRECONDITION_REQUIRED"],
    ["501", 501, "NOT_IMPLEMENTED"]
  ])("mock_%s answers %i with the code %s", async (name, status, code) => {
    const seen = await ask(`mock_${name}`)
    expect(seen.status).toBe(status)
    expect(JSON.parse(seen.text).code).toBe(code)
  })

  it.each(["bad_request", "422"])("mock_%s lists issues", async (name) => {
    expect(JSON.parse((await ask(`mock_${name}`)).text).issues).toContainEqual({
      message: "Unexpected query parameter"
    })
  })

  it.each(["rate_limited", "503"])("mock_%s asks for a wait of one second", async (name) => {
    expect((await ask(`mock_${name}`)).headers.get("retry-after")).toBe("1")
  })

  it("sends the Retry-After that was set", async () => {
    const patient = createMockServer({ retryAfterSeconds: 30 })
    expect((await patient.fetch(request("mock_rate_limited"))).headers.get("retry-after")).toBe("30")
  })

  it.each([
    ["rate_limited_7", 429, "7"],
    ["429_0", 429, "0"],
    ["503_086400", 503, "86400"],
    ["429_none", 429, null],
    ["503_zero", 503, "0"],
    ["rate_limited_huge", 429, "31536000"],
    ["429_garbage", 429, "soon"]
  ])("mock_%s answers %i with Retry-After: %s", async (name, status, retryAfter) => {
    const seen = await ask(`mock_${name}`)
    expect([seen.status, seen.headers.get("retry-after"), conforms(seen)]).toEqual([status, retryAfter, true])
  })

  it.each([["429_date", 1000], ["503_past", -3_600_000]])("mock_%s answers with a date", async (name, after) => {
    const { headers } = await ask(`mock_${name}`)
    const asked = Date.parse(headers.get("retry-after") ?? "") - Date.parse(headers.get("date") ?? "")
    expect(asked).toBeGreaterThanOrEqual(after)
    expect(asked).toBeLessThanOrEqual(after + 1000)
  })

  it.each(["500_7", "429_seconds", "429_-1", "429_soon", "rate_limited_"])("there is no step %s", async (name) => {
    expect((await ask(`mock_${name}`)).status).toBe(400)
  })

  it.each(["400", "401", "403", "404", "429"])("mock_%s is the named step of that status", async (status) => {
    expect((await ask(`mock_${status}`)).status).toBe(Number(status))
  })

  it.each([
    [400, "BAD_REQUEST"],
    [418, "HTTP_418"],
    [499, "HTTP_499"],
    [502, "BAD_GATEWAY"],
    [599, "HTTP_599"]
  ])("mock_status_%i answers that status with the code %s", async (status, code) => {
    const seen = await ask(`mock_status_${status}_x2_then_ok.${code}`)
    expect([seen.status, conforms(seen), JSON.parse(seen.text).code]).toEqual([status, true, code])
  })

  it.each(["200", "399", "600", "4180", "", "teapot", "-418"])("there is no step status_%s", async (written) => {
    const seen = await ask(`mock_status_${written}`)
    expect([seen.status, JSON.parse(seen.text).message]).toEqual([400, expect.stringContaining("unknown step")])
  })

  it("mock_502 is a proxy's HTML page", async () => {
    const seen = await ask("mock_502")
    expect(seen.status).toBe(502)
    expect(seen.headers.get("content-type")).toBe("text/html; charset=utf-8")
    expect(seen.text).toContain("<h1>502 Bad Gateway</h1>")
  })
})

describe("odd balances", () => {
  it.each([
    ["ok", { availableCredits: 1000, totalCredits: 1000 }],
    ["low_balance", { availableCredits: 5, totalCredits: 1000 }],
    ["empty", { availableCredits: 0, totalCredits: 1000 }],
    ["fractional", { availableCredits: 12.34, totalCredits: 1000 }],
    ["negative", { availableCredits: -15, totalCredits: 1000 }],
    [
      "envelope",
      { code: "SUCCESS", message: "success", data: { availableCredits: 1000, totalCredits: 1000 } }
    ],
    ["extra_field", { availableCredits: 1000, totalCredits: 1000, plan: "pro" }],
    ["slow", { availableCredits: 1000, totalCredits: 1000 }]
  ])("mock_%s answers 200 with its body", async (name, body) => {
    const seen = await ask(`mock_${name}`)
    expect(seen.status).toBe(200)
    expect(JSON.parse(seen.text)).toEqual(body)
  })
})

describe("broken bodies", () => {
  it.each([
    ["not_json", "Credits: one thousand"],
    ["wrong_type", `{"availableCredits":"1000","totalCredits":1000}`],
    ["error_body", `{"message":"The API key is not valid","code":"UNAUTHORIZED"}`],
    ["missing_field", `{"availableCredits":1000}`],
    ["empty_body", ""]
  ])("mock_%s answers 200 and says it is JSON", async (name, body) => {
    const seen = await ask(`mock_${name}`)
    expect([seen.status, seen.headers.get("content-type"), seen.text]).toEqual([200, "application/json", body])
  })
})
