import { describe, expect, it } from "vitest"
import { createMockServer, InvalidOptionError } from "../../src/index.ts"
import type { MockServer, MockServerOptions } from "../../src/index.ts"
import { namedSteps, request } from "../support.ts"

const enveloped = (data: unknown) => ({ code: "SUCCESS", message: "success", data })

const thousand = { availableCredits: 1000, totalCredits: 1000 }

const ask = async ({ fetch }: MockServer, key?: string) => {
  const response = await fetch(request(key))
  return { status: response.status, body: await response.json() }
}

const live = (options: MockServerOptions = {}) => createMockServer({ profile: "live", ...options })

describe("the profile live", () => {
  it.each([
    ["low_balance", { availableCredits: 5, totalCredits: 1000 }],
    ["slow", thousand],
    ["delay_1", thousand],
    ["dribble_2_1", thousand],
    ["ok", thousand],
    ["extra_field", { ...thousand, plan: "pro" }],
    ["envelope", thousand],
    ["missing_field", { availableCredits: 1000 }]
  ])("puts the success of mock_%s into the envelope", async (step, data) => {
    expect(await ask(live({ slowMillis: 1 }), `mock_${step}`)).toEqual({ status: 200, body: enveloped(data) })
  })

  it("leaves errors as they are", async () => {
    const errors = namedSteps.filter(({ step }) => step.conforms && step.name.startsWith("4"))
    expect(errors.length).toBeGreaterThan(5)
    for (const { name } of errors) {
      expect(await ask(live(), `mock_${name}`)).toEqual(await ask(createMockServer(), `mock_${name}`))
    }
  })

  it("knows the keys that an account was set for, in the options or by the admin API, and those that ask for steps", async () => {
    const server = live({ accounts: { pollo_option: { availableCredits: 7 }, plain: { steps: ["ok"] } } })
    await server.admin.setAccount("pollo_put", { availableCredits: 8 })
    for (const [key, credits] of [["pollo_option", 7], ["pollo_put", 8], ["plain", 1000], ["MOCK_ok", 1000]] as const) {
      expect(await ask(server, key)).toMatchObject({ status: 200, body: { data: { availableCredits: credits } } })
    }
  })

  it.each([
    ["pollo_unknown", 404, "NOT_FOUND"],
    ["unknown", 401, "UNAUTHORIZED"],
    ["Pollo_unknown", 401, "UNAUTHORIZED"],
    [undefined, 401, "UNAUTHORIZED"]
  ])("answers the key %s with %i %s, whatever its plan and its limit", async (key, status, code) => {
    const server = live({ limit: { capacity: 1, refillPerSecond: 0 } })
    if (key !== undefined) await server.admin.setPlan(key, { steps: ["503", "ok"] })
    for (let n = 0; n < 3; n++) expect(await ask(server, key)).toMatchObject({ status, body: { code } })
    if (key !== undefined) expect((await server.admin.plan(key)).next).toBe("503")
  })

  it("answers the same over a socket, where a plain request takes a way of its own", async () => {
    await using running = await live().listen()
    const over = async (key: string, query = "") => {
      const headers = { "x-api-key": key }
      const response = await fetch(`${running.baseUrl}/credit/balance${query}`, { headers })
      return { status: response.status, body: await response.json() }
    }
    for (const key of ["mock_ok", "pollo_unknown", "unknown"]) {
      expect(await over(key)).toEqual(await over(key, "?routed"))
      expect(await over(key)).toEqual(await ask(live(), key))
    }
  })

  it("forgets a key that was set, when that is reset, but not one of the options", async () => {
    const server = live({ accounts: { pollo_option: { availableCredits: 7 } } })
    await server.admin.setAccount("pollo_put", { availableCredits: 8 })
    await server.admin.setAccount("pollo_option", { availableCredits: 9 })
    await server.admin.reset()
    expect(await ask(server, "pollo_put")).toMatchObject({ status: 404 })
    expect(await ask(server, "pollo_option")).toMatchObject({ status: 200, body: { data: { availableCredits: 7 } } })
  })

  it("can be that of one account, or of all but one, and is a setting", async () => {
    const server = createMockServer({ accounts: { a: { profile: "live" } } })
    expect((await ask(server, "a")).body).toEqual(enveloped(thousand))
    expect((await ask(server, "b")).body).toEqual(thousand)
    await server.admin.setSettings({ profile: "live" })
    await server.admin.setAccount("b", { availableCredits: 1, profile: "documented" })
    expect((await ask(server, "b")).body).toEqual({ availableCredits: 1, totalCredits: 1 })
    expect(await server.admin.account("b")).toMatchObject({ profile: "documented" })
    expect((await ask(server, "mock_ok")).body).toEqual(enveloped(thousand))
    await expect(server.admin.setSettings({ profile: Object("lively") })).rejects.toMatchObject({ status: 400 })
  })

  it("is one of two", () => {
    expect(() => createMockServer({ profile: Object("Live") })).toThrow(InvalidOptionError)
  })
})

describe("the steps of what stands before the API", () => {
  it("are a challenge of Cloudflare, as a page", async () => {
    const response = await createMockServer().fetch(request("mock_cloudflare"))
    expect([response.status, response.headers.get("content-type"), response.headers.get("cf-mitigated")])
      .toEqual([403, "text/html; charset=utf-8", "challenge"])
    expect(await response.text()).toContain("<!DOCTYPE html>")
  })

  it.each([520, 521, 522, 523, 524, 525, 526, 527, 528, 529, 530])("are a page with the status %i", async (status) => {
    const response = await createMockServer().fetch(request(`mock_${status}`))
    expect([response.status, response.headers.get("content-type")]).toEqual([status, "text/html; charset=utf-8"])
  })

  it.each([["unknown_key", 404, "NOT_FOUND", "not known"], [
    "not_enough_credits",
    403,
    "FORBIDDEN",
    "Not enough credits"
  ]])(
    "beside them, %s is %i %s",
    async (step, status, code, message) => {
      expect(await ask(createMockServer(), `mock_${step}`))
        .toMatchObject({ status, body: { code, message: expect.stringContaining(message) } })
    }
  )
})
