import { describe, expect, it } from "vitest"
import { AdminError, createMockServer } from "../../src/index.ts"
import { operations } from "../../src/admin/operations.ts"

describe("the methods in code", () => {
  it("are the calls over HTTP, one for one, and the subscription", () => {
    const { admin } = createMockServer()
    expect(Object.keys(admin).toSorted()).toEqual([...Object.keys(operations), "subscribe"].toSorted())
    for (const [name, { id }] of Object.entries(operations)) expect(id).toBe(name)
  })

  it("answer as HTTP does", async () => {
    const { admin, fetch } = createMockServer()
    await admin.freeze("k")
    const http = async (method: string, path: string, body?: unknown) => {
      const response = await fetch(
        new Request(`http://mock/__admin${path}`, {
          method,
          ...(body === undefined ? {} : { body: JSON.stringify(body) })
        })
      )
      return response.status === 204 ? undefined : response.json()
    }
    const pairs = [
      [await admin.setAccount("k", { availableCredits: 5 }), await http("PUT", "/accounts/k", { availableCredits: 5 })],
      [await admin.account("k"), await http("GET", "/accounts/k")],
      [
        await admin.topUp("k", { credits: 1, id: "a" }),
        await http("POST", "/accounts/k/top-up", { credits: 1, id: "a" })
      ],
      [
        await admin.spend("k", { credits: 1, id: "a" }),
        await http("POST", "/accounts/k/spend", { credits: 1, id: "a" })
      ],
      [await admin.history("k"), await http("GET", "/accounts/k/history")],
      [await admin.setPlan("k", { steps: ["503"] }), await http("PUT", "/accounts/k/plan", { steps: ["503"] })],
      [await admin.plan("k"), await http("GET", "/accounts/k/plan")],
      [await admin.clock("k"), await http("GET", "/clock/k")],
      [await admin.accounts(), await http("GET", "/accounts")],
      [await admin.requests({ key: "k", limit: 1 }), await http("GET", "/requests?key=k&limit=1")],
      [await admin.countRequests({ key: "k" }), await http("POST", "/requests/count", { key: "k" })],
      [await admin.findRequests(), await http("POST", "/requests/find")],
      [await admin.summarize({ key: "k" }), await http("GET", "/requests/summary?key=k")],
      [
        await admin.verify({ key: "k", expect: { attempts: 0 } }),
        await http("POST", "/requests/verify", { key: "k", expect: { attempts: 0 } })
      ],
      [await admin.setSettings({ seed: 3 }), await http("PUT", "/settings", { seed: 3 })],
      [await admin.settings(), await http("GET", "/settings")],
      [await admin.health(), await http("GET", "/health")],
      [await admin.ready(), await http("GET", "/ready")],
      [await admin.version(), await http("GET", "/version")],
      [await admin.clearRequests(), await http("DELETE", "/requests")],
      [await admin.reset({ key: "k" }), await http("POST", "/reset?key=k")]
    ]
    for (const [inCode, overHttp] of pairs) expect(inCode).toEqual(overHttp)
  })

  it("reject with an error that has the body of the HTTP answer", async () => {
    const { admin, fetch } = createMockServer()
    const error = await admin.spend("k", { credits: 5000 }).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(AdminError)
    expect(error).toMatchObject({
      name: "AdminError",
      status: 409,
      code: "CONFLICT",
      message: "Not enough credits\n  credits: 5000 is more than the 1000 that are available",
      issues: ["credits: 5000 is more than the 1000 that are available"]
    })
    const response = await fetch(
      new Request("http://mock/__admin/accounts/k/spend", { method: "POST", body: `{"credits":5000}` })
    )
    expect(error).toHaveProperty("body", await response.json())
  })

  it("check what they are given as HTTP does", async () => {
    const { admin } = createMockServer()
    await expect(admin.spend("k", { credits: Number.NaN })).rejects.toThrow("credits: must be a number, not NaN")
    await expect(admin.account("")).rejects.toThrow("key: must be visible ASCII; the label stands for any other key")
    await expect(admin.account("line\nbreak")).rejects.toThrow("key: must be visible ASCII")
    await expect(admin.setPlan("k", { steps: ["nothing"] })).rejects.toMatchObject({ status: 400 })
    await expect(admin.setSettings({ maxKeys: 0 })).rejects.toThrow("maxKeys: must be a whole number from 1 to 1000000")
    await admin.setSettings({ slowMillis: undefined, seed: 1 })
    expect(await admin.settings()).toMatchObject({ slowMillis: 1000, seed: 1 })
  })

  it("reach keys that no path can", async () => {
    const { admin } = createMockServer()
    await admin.setAccount("..", { availableCredits: 5 })
    expect((await admin.account("..")).availableCredits).toBe(5)
  })
})
