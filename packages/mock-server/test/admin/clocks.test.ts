import { describe, expect, it } from "vitest"
import { start } from "./support.ts"

describe("clocks", () => {
  it("freeze, advance and resume, each key by itself", async () => {
    const { call, server } = start()
    const { body: frozen } = await call("POST", "/clock/k/freeze", {})
    const { now } = await server.admin.clock("k")
    expect(frozen).toEqual({ now, frozen: true })
    expect((await call("POST", "/clock/k/advance", { millis: 60_000 })).body).toEqual({
      now: now + 60_000,
      frozen: true
    })
    expect((await call("POST", "/clock/k/resume", {})).body).toMatchObject({ frozen: false })
    expect((await call("GET", "/clock/k")).body).toMatchObject({ frozen: false })
    expect((await server.admin.clock("another")).now).toBeLessThan(now + 30_000)
    const { now: jumped } = await server.admin.freeze("k", { millis: 3_600_000 })
    expect(jumped).toBeGreaterThanOrEqual(now + 3_660_000)
    const resumed = await server.admin.resume("k", { millis: 1000 })
    expect(resumed.frozen).toBe(false)
    expect(resumed.now).toBeGreaterThanOrEqual(jumped + 1000)
  })

  it("wake delayed answers", async () => {
    const { ask, call, server } = start()
    await call("POST", "/clock/mock_delay_60000/freeze")
    const asked = ask("mock_delay_60000")
    await expect.poll(async () => (await server.admin.countRequests({ key: "mock_delay_60000" })).count).toBe(1)
    await call("POST", "/clock/mock_delay_60000/advance", { millis: 60_000 })
    expect((await asked).status).toBe(200)
    expect((await server.admin.requests({ key: "mock_delay_60000" })).requests[0]?.millis).toBe(60_000)
  })

  it("stop where dates do", async () => {
    const { refusal, server } = start()
    const hundredYears = { millis: 3_155_760_000_000 }
    for (let year = new Date().getUTCFullYear(); year + 101 < 9999; year += 100) {
      await server.admin.advance("k", hundredYears)
    }
    const { error, status } = await refusal("POST", "/clock/k/advance", hundredYears)
    expect([status, error]).toMatchObject([400, { issues: [{ message: "millis: would lead beyond the year 9999" }] }])
    expect(new Date((await server.admin.clock("k")).now).getUTCFullYear()).toBeLessThan(9999)
  })
})
