import { describe, expect, it } from "vitest"
import { createMockServer, InvalidOptionError } from "../../src/index.ts"
import type { MockServer, MockServerOptions } from "../../src/index.ts"
import { request } from "../support.ts"

const accounts = {
  "team-a": { availableCredits: 50, limit: { capacity: 2, refillPerSecond: 0 } },
  "team-b": { steps: ["503", "ok"] },
  "mock_401.c": { steps: ["ok"], availableCredits: 7, totalCredits: 9 }
}

const ask = async ({ fetch }: MockServer, key: string) => (await fetch(request(key))).status

describe("the accounts of the options", () => {
  it("are there from the start, with their plans", async () => {
    const server = createMockServer({ accounts, limit: { capacity: 1, refillPerSecond: 0 } })
    expect((await server.admin.accounts()).accounts.map(({ label }) => label)).toEqual(["tea…1", "tea…2", "mock_…3"])
    expect(await server.admin.account("team-a")).toMatchObject({ availableCredits: 50, limit: { tokens: 2 } })
    expect(await server.admin.account("team-b")).toMatchObject({ availableCredits: 1000, next: "503" })
    expect(await server.admin.account("mock_401.c")).toMatchObject({ availableCredits: 7, next: "ok", limit: null })
  })

  it.each([["of the key", (key: string) => ({ key })], ["of all", () => ({})]])(
    "are what a reset %s goes back to",
    async (_what, query) => {
      const server = createMockServer({ accounts })
      for (const key of Object.keys(accounts)) {
        await server.admin.setAccount(key, { availableCredits: 1 })
        await server.admin.setPlan(key, { steps: ["402"] })
        await server.admin.reset(query(key))
      }
      expect(await server.admin.account("team-a")).toMatchObject({ availableCredits: 50, limit: { capacity: 2 } })
      expect([await ask(server, "team-b"), await ask(server, "team-b")]).toEqual([503, 200])
      expect(await ask(server, "mock_401.c")).toBe(200)
    }
  )

  it("open again when a forgotten key comes back", async () => {
    const server = createMockServer({ accounts: { a: { availableCredits: 5 } }, maxKeys: 1 })
    await server.admin.spend("a", { credits: 1 })
    await ask(server, "b")
    expect(await server.admin.account("a")).toMatchObject({ availableCredits: 5 })
  })

  it.each<[MockServerOptions, string]>([
    [{ accounts, maxKeys: 2 }, "maxKeys must be at least 3"],
    [{ accounts: { k: { availableCredits: Object("5") } } }, `accounts["k"]: availableCredits: must be a number`],
    [{ accounts: { k: { totalCredits: 5 } } }, `accounts["k"]: availableCredits: must be`],
    [{ accounts: { k: { availableCredits: 5, lagMillis: -1 } } }, `accounts["k"]: lagMillis: must be`],
    [
      { accounts: { k: { availableCredits: 5, limit: { capacity: 0, refillPerSecond: 1 } } } },
      `accounts["k"]: limit.capacity: must be`
    ],
    [{ accounts: { k: { steps: ["teapot"] } } }, `accounts["k"]: steps: "teapot" is no step`],
    [{ accounts: { k: { steps: [] } } }, `accounts["k"]: steps: must be`],
    [{ accounts: { k: { profile: Object("x") } } }, `accounts["k"]: profile: must be one of documented, live`],
    [{ accounts: { k: Object({ credits: 5 }) } }, `accounts["k"]: credits: is no field here`],
    [{ accounts: { "k\n": {} } }, `accounts["k\\n"]: key: must be visible ASCII`]
  ])("are refused by name: %j", (options, message) => {
    expect(() => createMockServer(options)).toThrow(InvalidOptionError)
    expect(() => createMockServer(options)).toThrow(message)
  })

  it("keep their room: the setting maxKeys cannot go below them", async () => {
    const { admin } = createMockServer({ accounts })
    await expect(admin.setSettings({ maxKeys: 2 })).rejects.toThrow("maxKeys: must be at least 3")
    expect((await admin.settings()).maxKeys).toBe(20_000)
  })
})
