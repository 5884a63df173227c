import { describe, expect, it } from "vitest"
import { start } from "./support.ts"

describe("accounts", () => {
  it("exist for every key, and open as the server's options say", async () => {
    const { call } = start()
    const { body, status } = await call("GET", "/accounts/some%20key%2F1")
    expect(status).toBe(200)
    expect(body).toEqual({
      key: "some key/1",
      label: "some …1",
      availableCredits: 1000,
      totalCredits: 1000,
      reportedCredits: 1000,
      grantedCredits: 1000,
      spentCredits: 0,
      drainedCredits: 0,
      expiredCredits: 0,
      lowestCredits: 1000,
      drainPerMinute: 0,
      lagMillis: 0,
      scheduled: 0,
      refused: 0,
      limit: null,
      reservedSteps: ["ok"],
      next: "ok",
      clock: { now: expect.any(Number), frozen: false },
      attempts: 0
    })
  })

  it("are set, spent from and topped up, and the balance endpoint follows", async () => {
    const { ask, call } = start()
    expect((await call("PUT", "/accounts/k", { availableCredits: 100 })).body).toMatchObject({
      key: "k",
      availableCredits: 100,
      totalCredits: 100
    })
    expect((await call("PUT", "/accounts/k", { availableCredits: 12.34, totalCredits: 50 })).body)
      .toMatchObject({ availableCredits: 12.34, totalCredits: 50 })
    expect((await call("POST", "/accounts/k/spend", { credits: 2.34 })).body).toMatchObject({ availableCredits: 10 })
    expect((await call("POST", "/accounts/k/top-up", { credits: 5 })).body)
      .toMatchObject({ availableCredits: 15, totalCredits: 55 })
    expect((await ask("k")).body).toEqual({ availableCredits: 15, totalCredits: 55 })
  })

  it("do not change by the same id again, nor by a spend beyond the balance, which is a 409", async () => {
    const { call, refusal } = start()
    await call("PUT", "/accounts/k", { availableCredits: 100 })
    for (const path of ["spend", "spend", "top-up", "top-up"]) {
      expect((await call("POST", `/accounts/k/${path}`, { credits: 10, id: "job-1" })).status).toBe(200)
    }
    const { body: before } = await call("GET", "/accounts/k")
    expect(before).toMatchObject({ availableCredits: 100, spentCredits: 10, grantedCredits: 110 })
    const { error, status } = await refusal("POST", "/accounts/k/spend", { credits: 100.01, id: "job-2" })
    expect([status, error]).toEqual([409, {
      message: "Not enough credits",
      code: "CONFLICT",
      issues: [{ message: "credits: 100.01 is more than the 100 that are available" }]
    }])
    expect((await call("GET", "/accounts/k")).body).toMatchObject({ availableCredits: 100, spentCredits: 10 })
    expect((await call("POST", "/accounts/k/spend", { credits: 100, id: "job-2" })).status).toBe(200)
  })

  it("drain, lag, expire and cross thresholds by the clock of the key", async () => {
    const { ask, call } = start()
    const reads = async (availableCredits: number) => expect((await ask("k")).body).toMatchObject({ availableCredits })
    await call("POST", "/clock/k/freeze", {})
    await call("PUT", "/accounts/k", { availableCredits: 100, drainPerMinute: 6, lagMillis: 1000 })
    await call("POST", "/accounts/k/spend", { credits: 40 })
    await reads(100)
    await call("POST", "/clock/k/advance", { millis: 60_000 })
    await reads(54)
    await call("PUT", "/accounts/k", { availableCredits: 100 })
    await call("POST", "/accounts/k/top-up", { credits: 7, expiresInMillis: 500 })
    await reads(107)
    await call("POST", "/clock/k/advance", { millis: 500 })
    await reads(100)
    await call("POST", "/accounts/k/spend", { credits: 95, inMillis: 1000 })
    await call("POST", "/accounts/k/top-up", { credits: 95, inMillis: 2000 })
    await call("POST", "/clock/k/advance", { millis: 3000 })
    await reads(100)
    const { body } = await call("GET", "/accounts/k/history")
    expect(body).toMatchObject({ points: expect.arrayContaining([{ at: expect.any(Number), availableCredits: 5 }]) })
  })

  it("are listed by their labels, the one that was used last at the end", async () => {
    const { ask, call } = start()
    for (const key of ["first-key", "second-key", "third-key"]) await ask(key)
    expect((await call("GET", "/accounts?limit=2")).body).toMatchObject({
      total: 3,
      accounts: [{ key: "secon…2", label: "secon…2" }, { key: "thir…3" }]
    })
    const label = encodeURIComponent("secon…2")
    await call("POST", `/accounts/${label}/spend`, { credits: 1 })
    expect((await call("GET", "/accounts/second-key")).body).toMatchObject({ availableCredits: 999 })
    expect((await call("GET", "/accounts")).body).toMatchObject({ total: 3 })
  })
})
