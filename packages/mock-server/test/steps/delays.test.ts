import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { createMockServer } from "../../src/index.ts"
import { conforms, read, request } from "../support.ts"

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** How long each of so many requests takes, in milliseconds. */
const delays = async (key: string, count: number, seed = 0): Promise<ReadonlyArray<number>> => {
  const { fetch } = createMockServer({ seed })
  const taken: Array<number> = []
  for (let n = 0; n < count; n++) {
    const before = Date.now()
    const answer = fetch(request(key))
    await vi.runAllTimersAsync()
    expect(conforms(await read(await answer))).toBe(true)
    taken.push(Date.now() - before)
  }
  return taken
}

const median = (numbers: ReadonlyArray<number>): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN

describe("delays", () => {
  it.each([["mock_delay_250", 250], ["mock_LATENCY_250", 250], ["mock_delay_0", 0], [
    "mock_delay_2147483647",
    2 ** 31 - 1
  ]])(
    "%s is fixed",
    async (key, millis) => {
      expect(await delays(key, 3)).toEqual([millis, millis, millis])
    }
  )

  it("a uniform delay takes every value from the least to the most, each as often as any other", async () => {
    const seen = await delays("mock_delay_uniform_100_103", 2000)
    for (const millis of [100, 101, 102, 103]) {
      const times = seen.filter((taken) => taken === millis).length
      expect(times).toBeGreaterThan(420)
      expect(times).toBeLessThan(580)
    }
    expect(Math.min(...seen)).toBe(100)
    expect(Math.max(...seen)).toBe(103)
  })

  it("a uniform delay may have no choice", async () => {
    expect(await delays("mock_delay_uniform_7_7", 2)).toEqual([7, 7])
  })

  it("a lognormal delay has its median and its sigma, in hundredths", async () => {
    const seen = await delays("mock_delay_lognormal_1000_50", 2000)
    expect(median(seen)).toBeGreaterThan(950)
    expect(median(seen)).toBeLessThan(1050)
    const logs = seen.map((millis) => Math.log(millis / 1000))
    const sigma = Math.sqrt(logs.reduce((sum, log) => sum + log * log, 0) / logs.length)
    expect(sigma).toBeGreaterThan(0.47)
    expect(sigma).toBeLessThan(0.53)
    expect(await delays("mock_delay_lognormal_90_0", 2)).toEqual([90, 90])
  })

  it("random delays are those of the seed and the key, and of nothing else", async () => {
    const key = "mock_delay_uniform_0_100000.a"
    const seen = await delays(key, 5, 1)
    expect(new Set(seen).size).toBe(5)
    expect(await delays(key, 5, 1)).toEqual(seen)
    expect(await delays(key, 5, 2)).not.toEqual(seen)
    expect(await delays("mock_delay_uniform_0_100000.b", 5, 1)).not.toEqual(seen)
  })

  it("come before any other step", async () => {
    const { fetch } = createMockServer({ slowMillis: 30 })
    const ask = async (key: string) => {
      const before = Date.now()
      const answer = fetch(request(key)).then(({ status }) => status, (reason: Error) => reason.name)
      await vi.runAllTimersAsync()
      return [await answer, Date.now() - before]
    }
    expect(await ask("mock_delay_250_before_503")).toEqual([503, 250])
    expect(await ask("mock_delay_250_before_rate_limited_x2_then_ok")).toEqual([429, 250])
    expect(await ask("mock_slow_before_502")).toEqual([502, 30])
    expect(await ask("mock_delay_250_before_slow")).toEqual([200, 280])
    expect(await ask("mock_delay_uniform_7_7_before_delay_lognormal_5_0")).toEqual([200, 12])
    expect(await ask("mock_delay_250_before_reset")).toEqual(["SocketRequiredError", 250])
    expect(await ask("mock_delay_250_before_random_data_then_close")).toEqual(["SocketRequiredError", 250])
  })

  it("repeat and follow each other as other steps do", async () => {
    expect(await delays("mock_delay_5_x2_then_delay_uniform_9_9_then_ok", 4)).toEqual([5, 5, 9, 0])
  })
})

describe("numbers in a step", () => {
  it.each([
    "mock_delay",
    "mock_delay_",
    "mock_delay_-1",
    "mock_delay_2147483648",
    "mock_delay_99999999999",
    "mock_delay_uniform_5_4",
    "mock_delay_uniform_5",
    "mock_delay_lognormal_90",
    "mock_delay_5_before_teapot",
    "mock_delay_5_before_",
    "mock_503_before_ok",
    "mock_delay_1_before_delay_1_before_ok",
    "mock_dribble_0_100",
    "mock_dribble_5",
    "mock_truncated_x",
    "mock_oversized_2147483648"
  ])("%s is a 400 that says how they are written", async (key) => {
    const seen = await read(await createMockServer().fetch(request(key)))
    expect([seen.status, conforms(seen)]).toEqual([400, true])
    for (const form of ["delay_<ms> = latency_<ms>", "delay_uniform_<min>_<max>", "dribble_<pieces>_<ms>"]) {
      expect(seen.text).toContain(form)
    }
  })
})
