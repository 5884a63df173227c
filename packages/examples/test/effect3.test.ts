import { createMockServer } from "@effect-pollo/mock-server"
import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { describe, expect, it } from "vitest"

const file = fileURLToPath(new URL("../effect3/src/10-quickstart.ts", import.meta.url))

/** Runs the example as a person would, with nothing in the environment but what is given. */
const run = async (env: Record<string, string> = {}): Promise<ReadonlyArray<string>> => {
  const { stdout } = await promisify(execFile)(process.execPath, [file], { env: { NO_COLOR: "1", ...env } })
  return stdout.trimEnd().split("\n")
}

describe("the example for Effect 3", () => {
  it("gives advice for each failure of a mock server", async () => {
    expect(await run()).toEqual([
      "mock_ok: 1000 of 1000 credits left",
      "mock_500_x2_then_ok: 1000 of 1000 credits left",
      "mock_unauthorized: the key is missing or malformed: copy it again",
      "mock_429: slow down: ask again in 1s",
      "mock_reset: no connection: ECONNRESET",
      "mock_hang: too slow: the deadline ran out of time",
      "mock_html: not the API we know: NotJson"
    ])
  })

  it("asks the API at POLLO_BASE_URL when POLLO_API_KEY is set", async () => {
    await using api = await createMockServer().listen({ port: 0 })
    const lines = await run({ POLLO_API_KEY: "mock_fractional", POLLO_BASE_URL: api.baseUrl })
    expect(lines).toEqual(["12.34 of 1000 credits left"])
  })
})
