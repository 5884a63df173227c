import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { createMockServer } from "../../src/index.ts"
import { RecentlyUsed } from "../../src/values/recently-used.ts"
import { resolveSettings } from "../../src/settings/options.ts"
import { Tenants } from "../../src/tenant/tenants.ts"
import { request } from "../support.ts"

const tenantsOf = (maxKeys: number) => new Tenants({ current: resolveSettings({ maxKeys }) })

it("what was used last comes last, whatever is used, added and dropped", () => {
  const operation = fc.record({
    kind: fc.constantFrom("use", "peek", "dropOldest"),
    key: fc.constantFrom("a", "b", "c", "d")
  })
  fc.assert(fc.property(fc.array(operation), (operations) => {
    const recent = new RecentlyUsed<string>()
    let expected: ReadonlyArray<string> = []
    for (const { key, kind } of operations) {
      const known = expected.includes(key) ? key : undefined
      if (kind === "peek") expect(recent.peek(key)).toBe(known)
      else if (kind === "use") {
        expect(recent.use(key)).toBe(known)
        if (known === undefined) recent.add(key, key)
        expected = [...expected.filter((other) => other !== key), key]
      } else {
        expect(recent.dropOldest()).toBe(expected[0])
        expected = expected.slice(1)
      }
      expect([...recent.items()]).toEqual(expected)
      expect(recent.size).toBe(expected.length)
    }
  }))
})

describe("tenants", () => {
  it("are forgotten, the one that was not used for the longest time first, when there are too many", () => {
    const tenants = tenantsOf(3)
    const [a, b] = ["a", "b", "c"].map((key) => tenants.get(key))
    tenants.get("a")
    tenants.get("d")
    expect([tenants.get("a") === a, tenants.size]).toEqual([true, 3])
    expect(tenants.find("b")).toBe(undefined)
    expect(tenants.get("b")).not.toBe(b)
    expect([...tenants.all()].map(({ key }) => key)).toEqual(["d", "a", "b"])
  })

  it("have labels that show no more than the first half of a key, and that no key can look like", () => {
    const tenants = tenantsOf(10)
    expect(["x", "secret", "mock_503_x2_then_ok.t1"].map((key) => tenants.get(key).label)).toEqual([
      "…1",
      "sec…2",
      "mock_503…3"
    ])
    expect(tenants.labelled("sec…2")).toBe(tenants.get("secret"))
    expect(() => new Headers({ "x-api-key": "sec…2" })).toThrow(TypeError)
  })

  it("lose their labels when the server forgets them", () => {
    const tenants = tenantsOf(1)
    const { label } = tenants.get("a")
    tenants.get("b")
    expect(tenants.labelled(label)).toBe(undefined)
  })
})

describe("a key whose whole plan is one balance", () => {
  const server = createMockServer()
  const balance = async (key: string) => (await server.fetch(request(key))).json()

  it("opens its account with it, so that what is spent of it counts", async () => {
    expect(await balance("mock_low_balance.a")).toEqual({ availableCredits: 5, totalCredits: 1000 })
    await server.admin.spend("mock_low_balance.a", { credits: 2 })
    expect(await balance("mock_low_balance.a")).toEqual({ availableCredits: 3, totalCredits: 1000 })
    await server.admin.reset({ key: "mock_low_balance.a" })
    expect(await balance("mock_low_balance.a")).toEqual({ availableCredits: 5, totalCredits: 1000 })
  })

  it("shows its own figures in a longer plan, and those of the account in the other steps", async () => {
    const key = "mock_ok_then_low_balance_then_ok"
    await server.admin.spend(key, { credits: 1 })
    expect([await balance(key), await balance(key), await balance(key)]).toEqual([
      { availableCredits: 999, totalCredits: 1000 },
      { availableCredits: 5, totalCredits: 1000 },
      { availableCredits: 999, totalCredits: 1000 }
    ])
  })
})

describe("bounded memory", () => {
  it("holds 10,000 keys with their state, and no more keys or requests than it was told", async () => {
    const server = createMockServer({ maxKeys: 10_000, maxRequests: 500 })
    await server.admin.setAccount("key 0", { availableCredits: 7 })
    for (let n = 1; n < 10_000; n++) await server.fetch(request(`key ${n}`))
    expect((await server.admin.account("key 0")).availableCredits).toBe(7)
    for (let n = 10_000; n < 12_000; n++) await server.fetch(request(`key ${n}`))
    expect((await server.admin.accounts({ limit: 0 })).total).toBe(10_000)
    expect((await server.admin.requests()).total).toBe(500)
  })
})
