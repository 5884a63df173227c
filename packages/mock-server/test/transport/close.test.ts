import { describe, expect, it } from "vitest"
import { createMockServer, InvalidOptionError } from "../../src/index.ts"

const start = async () => {
  const server = createMockServer()
  const running = await server.listen()
  const ask = async (key: string): Promise<number | string> => {
    try {
      return (await fetch(`${running.baseUrl}/credit/balance`, { headers: { "x-api-key": key } })).status
    } catch {
      return "cut"
    }
  }
  const isOpen = (key: string) =>
    expect.poll(async () => (await server.admin.requests({ key })).requests.map(({ outcome }) => outcome))
      .toEqual(["open"])
  return { ...server, ...running, ask, isOpen }
}

describe("close", () => {
  it.each([Infinity, 1e12, 2 ** 31, Number.MAX_VALUE])("lets an answer finish within %d ms", async (graceMillis) => {
    const { admin, ask, close, isOpen } = await start()
    await admin.freeze("mock_slow")
    const answer = ask("mock_slow")
    await isOpen("mock_slow")
    const closed = close({ graceMillis })
    await new Promise((resolve) => void setTimeout(resolve, 50))
    await admin.advance("mock_slow", { millis: 1000 })
    expect(await answer).toBe(200)
    await closed
  })

  it.each([0, 1, 0.5])("cuts what is still open after %d ms", async (graceMillis) => {
    const { ask, close, isOpen } = await start()
    const answer = ask("mock_delay_60000")
    await isOpen("mock_delay_60000")
    await close({ graceMillis })
    expect(await answer).toBe("cut")
  })

  it.each([Number.NaN, -1, -Infinity])("refuses a grace of %d, and closes nothing", async (graceMillis) => {
    const { ask, close } = await start()
    await expect(close({ graceMillis })).rejects.toThrow(InvalidOptionError)
    await expect(close({ graceMillis })).rejects.toThrow("graceMillis must be")
    expect(await ask("k")).toBe(200)
    await close()
  })
})

it("a random delay is a number however wide it is spread", async () => {
  const { fetch } = createMockServer()
  const answers = Array.from({ length: 10 }, (_, n) =>
    fetch("http://mock/api/platform/credit/balance", {
      headers: { "x-api-key": `mock_delay_lognormal_0_2147483647.${n}` }
    }))
  expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(answers.map(() => 200))
})
