import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { TenantClock } from "../../src/values/clock.ts"

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const never = new AbortController().signal

/** Notes when it wakes, in the order in which sleepers do. */
const sleeper = (clock: TenantClock, millis: number, woken: Array<number>) =>
  clock.sleep(millis, never).then(() => woken.push(millis))

const turn = () => vi.advanceTimersByTimeAsync(0)

describe("the clock of a key", () => {
  it("runs with the system's", async () => {
    const clock = new TenantClock()
    expect(clock.now()).toBe(Date.now())
    await vi.advanceTimersByTimeAsync(1234)
    expect(clock.now()).toBe(Date.now())
  })

  it("stands while it is frozen, and runs on from there", async () => {
    const clock = new TenantClock()
    const start = clock.now()
    clock.freeze()
    await vi.advanceTimersByTimeAsync(1000)
    clock.freeze()
    expect([clock.now(), clock.frozen]).toEqual([start, true])
    clock.resume()
    clock.resume()
    await vi.advanceTimersByTimeAsync(50)
    expect([clock.now(), clock.frozen]).toEqual([start + 50, false])
  })

  it("jumps ahead, frozen or not", async () => {
    const clock = new TenantClock()
    const start = clock.now()
    expect(clock.advance(60_000)).toBe(true)
    expect(clock.now()).toBe(start + 60_000)
    clock.freeze()
    clock.advance(60_000)
    await vi.advanceTimersByTimeAsync(10)
    expect(clock.now()).toBe(start + 120_000)
    clock.resume()
    expect(clock.now()).toBe(start + 120_000)
  })

  it("does not jump to where there are no dates", () => {
    const clock = new TenantClock()
    const start = clock.now()
    expect(clock.advance(9e15)).toBe(false)
    expect(clock.now()).toBe(start)
  })

  it("wakes sleepers by its own time: those that are due, the earliest first", async () => {
    const clock = new TenantClock()
    const woken: Array<number> = []
    for (const millis of [30_000, 10_000, 20_000]) void sleeper(clock, millis, woken)
    clock.advance(19_999)
    await turn()
    expect(woken).toEqual([10_000])
    await vi.advanceTimersByTimeAsync(1)
    expect(woken).toEqual([10_000, 20_000])
    clock.advance(10_000)
    await turn()
    expect(woken).toEqual([10_000, 20_000, 30_000])
    expect(vi.getTimerCount()).toBe(0)
  })

  it("wakes nobody while it is frozen, unless it is advanced", async () => {
    const clock = new TenantClock()
    const woken: Array<number> = []
    clock.freeze()
    void sleeper(clock, 10, woken)
    await vi.advanceTimersByTimeAsync(60_000)
    expect([woken, vi.getTimerCount()]).toEqual([[], 0])
    clock.advance(9)
    clock.resume()
    await turn()
    expect(woken).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(woken).toEqual([10])
  })

  it("keeps what a sleeper has left when it is reset", async () => {
    const clock = new TenantClock()
    const woken: Array<number> = []
    clock.advance(5000)
    clock.freeze()
    void sleeper(clock, 100, woken)
    clock.advance(40)
    clock.reset()
    expect([clock.now(), clock.frozen]).toEqual([Date.now(), false])
    await vi.advanceTimersByTimeAsync(59)
    expect(woken).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(woken).toEqual([100])
  })

  it("sleeps longer than a timer can", async () => {
    const clock = new TenantClock()
    const woken: Array<number> = []
    const monthMillis = 30 * 24 * 3_600_000
    void sleeper(clock, monthMillis, woken)
    await vi.advanceTimersByTimeAsync(monthMillis - 1)
    expect(woken).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(woken).toEqual([monthMillis])
  })

  it.each([["running", false], ["frozen", true]])("lets go of a sleeper that gives up: %s", async (_how, frozen) => {
    const clock = new TenantClock()
    if (frozen) clock.freeze()
    const controller = new AbortController()
    const reason = new Error("enough")
    const rejected = expect(clock.sleep(1000, controller.signal)).rejects.toBe(reason)
    controller.abort(reason)
    await rejected
    await expect(clock.sleep(1000, controller.signal)).rejects.toBe(reason)
    expect(vi.getTimerCount()).toBe(0)
    clock.advance(5000)
  })
})
