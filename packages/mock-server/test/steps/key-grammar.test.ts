import { describe, expect, it } from "vitest"
import { createMockServer } from "../../src/index.ts"
import { conforms, namedSteps, read, request } from "../support.ts"

const statuses = async (key: string, requests: number) => {
  const server = createMockServer()
  const seen: Array<number> = []
  for (let n = 0; n < requests; n++) seen.push((await server.fetch(request(key))).status)
  return seen
}

describe("the key grammar", () => {
  it.each([
    ["a key of any other kind", "pollo-key-1", [200, 200]],
    ["a key that only contains the prefix", "my_mock_503", [200, 200]],
    ["one step, repeated for ever", "mock_503", [503, 503, 503]],
    ["a count", "mock_503_x2_then_ok", [503, 503, 200, 200]],
    ["steps without a count, once each", "mock_500_then_503_then_ok", [500, 503, 200, 200]],
    ["names with underscores", "mock_bad_request_x2_then_rate_limited_then_low_balance", [400, 400, 429, 200]],
    ["a count on the last step, which repeats all the same", "mock_ok_then_forbidden_x2", [200, 403, 403, 403]],
    ["a suffix", "mock_503_x2_then_ok.t1", [503, 503, 200]],
    ["a suffix that looks like a plan", "mock_503.x2_then_ok", [503, 503]],
    ["a suffix with dots", "mock_503_then_ok.a.b.c", [503, 200]],
    ["an empty suffix", "mock_503_then_ok.", [503, 200]],
    ["upper case", "mock_Bad_Request_X2_then_OK", [400, 400, 200]],
    ["a prefix in upper case", "MOCK_503_then_OK", [503, 200]],
    ["a prefix in mixed case", "Mock_503.T1", [503, 503]],
    ["the largest count", "mock_503_x999999_then_ok", [503, 503]]
  ])("%s", async (_what, key, expected) => {
    expect(await statuses(key, expected.length)).toEqual(expected)
  })

  it.each([
    ["an unknown step", "mock_teapot", "teapot"],
    ["the step that the help of the command line sends people to", "mock_help", "help"],
    ["no step", "mock_", ""],
    ["an unknown step later on", "mock_ok_then_teapot", "teapot"],
    ["nothing after _then_", "mock_ok_then_", ""],
    ["a count of zero", "mock_503_x0", "503_x0"],
    ["a count that is too large", "mock_503_x1000000", "503_x1000000"],
    ["two counts", "mock_503_x2_x2", "503_x2_x2"]
  ])("%s is a 400 that lists every known step", async (_what, key, written) => {
    const server = createMockServer()
    for (let n = 0; n < 2; n++) {
      const seen = await read(await server.fetch(request(key)))
      expect(seen.status).toBe(400)
      expect(conforms(seen)).toBe(true)
      const { code, issues, message } = JSON.parse(seen.text)
      expect(code).toBe("BAD_REQUEST")
      expect(message).toContain(JSON.stringify(written))
      const listed = issues.map((issue: { message: string }) => issue.message).join("\n").split(/[\s,=]+/)
      for (const { name } of namedSteps) expect(listed).toContain(name)
    }
  })

  it("gives every key its own place in the plan, also keys that differ in the suffix alone", async () => {
    const server = createMockServer()
    const status = async (key: string) => (await server.fetch(request(key))).status
    expect(await status("mock_503_then_ok.a")).toBe(503)
    expect(await status("mock_503_then_ok.b")).toBe(503)
    expect(await status("mock_503_then_ok.a")).toBe(200)
    expect(await status("mock_503_then_ok.c")).toBe(503)
  })

  it("never gives one step to two requests that come at once", async () => {
    const server = createMockServer()
    const seen = await Promise.all(
      Array.from({ length: 50 }, async () => (await server.fetch(request("mock_503_x20_then_ok"))).status)
    )
    expect(seen.filter((status) => status === 503)).toHaveLength(20)
  })

  it("shares nothing between two servers", async () => {
    expect(await statuses("mock_503_then_ok", 1)).toEqual([503])
    expect(await statuses("mock_503_then_ok", 1)).toEqual([503])
  })
})
