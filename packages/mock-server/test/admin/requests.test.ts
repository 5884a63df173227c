import { describe, expect, it } from "vitest"
import { start } from "./support.ts"

describe("requests", () => {
  it("are listed, counted and found, and forgotten", async () => {
    const { ask, call } = start()
    for (let n = 0; n < 3; n++) await ask("mock_503_x2_then_ok.r")
    await ask("other")
    const { body } = await call("GET", "/requests?key=mock_503_x2_then_ok.r&limit=2")
    expect(body).toMatchObject({ total: 3, requests: [{ status: 503, attempt: 2 }, { status: 200, attempt: 3 }] })
    expect((await call("GET", "/requests")).body).toMatchObject({ total: 4 })
    const key = "mock_503_x2_then_ok.r"
    const path = "/api/platform/credit/balance"
    for (
      const [filter, count] of [
        [{}, 4],
        [{ key }, 3],
        [{ key, status: 503 }, 2],
        [{ step: "503" }, 2],
        [{ method: "get", path }, 4],
        [{ method: "HEAD" }, 0],
        [{ key: "nobody" }, 0]
      ] as const
    ) {
      expect((await call("POST", "/requests/count", filter)).body).toEqual({ count })
      expect((await call("POST", "/requests/find", filter)).body).toHaveProperty("requests.length", count)
    }
    expect(await call("DELETE", `/requests?key=${key}`)).toMatchObject({ status: 204, body: undefined })
    expect((await call("GET", "/requests")).body).toMatchObject({ total: 1 })
    expect((await call("DELETE", "/requests")).status).toBe(204)
    expect((await call("GET", "/requests")).body).toEqual({ total: 0, requests: [] })
    expect((await call("GET", `/accounts/${key}`)).body).toMatchObject({ reservedSteps: ["ok"], attempts: 3 })
  })

  it("refuse to look for a step that cannot be on record", async () => {
    const { refusal } = start()
    const { error, status } = await refusal("POST", "/requests/count", { step: "teapot" })
    expect([status, error]).toMatchObject([400, { issues: [{ message: expect.stringContaining(`step: "teapot"`) }] }])
  })
})
