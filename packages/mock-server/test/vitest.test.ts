import { expect, test } from "@effect-pollo/mock-server/vitest"
import type { MockKey } from "@effect-pollo/mock-server/vitest"
import { describe, expectTypeOf } from "vitest"

const ask = async ({ baseUrl, key }: MockKey): Promise<Response> => {
  const response = await fetch(`${baseUrl}/credit/balance`, { headers: { "x-api-key": key } })
  await response.text()
  return response
}

/** A client that asks again until it gets an answer, and waits in between as told: the clock of its key is advanced. */
const askUntilOk = async (mock: MockKey, waitMillis: number): Promise<void> => {
  while ((await ask(mock)).status !== 200) await mock.admin.advance(mock.key, { millis: waitMillis })
}

const failureOf = (assertion: () => void): string => {
  try {
    assertion()
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
  throw new Error("it did not fail")
}

const impatient = test.extend({ mockOptions: [{ slowMillis: 3 }, { scope: "worker" }] })

describe("the fixture", () => {
  const seen = new Set<string>()

  test.for([1, 2, 3])("gives each test a key of its own, and the balance (%i)", async (_run, { mock }) => {
    expect(seen.has(mock.key)).toBe(false)
    seen.add(mock.key)
    expect((await ask(mock)).status).toBe(200)
    expect(mock).toHaveSentRequests(1)
  })

  test("gives as many more as a test asks for, each with the steps it names", async ({ mock }) => {
    const flaky = mock.steps("503_x2", "ok")
    const other = mock.steps("503_x2", "ok")
    for (const status of [503, 503, 200, 200]) expect((await ask(flaky)).status).toBe(status)
    expect((await ask(other)).status).toBe(503)
    expect([flaky.requests.length, other.requests.length, mock.requests.length]).toEqual([4, 1, 0])
  })

  test("refuses a step that does not exist, and says which do", ({ mock }) => {
    for (const refused of ["teapot", "503.5", "", "ok_then_"]) {
      expect(() => mock.steps("ok", refused)).toThrow(/^steps must be made of ok, .+, not "/)
    }
  })

  test("sets accounts and clocks", async ({ mock }) => {
    await mock.admin.setAccount(mock.key, { availableCredits: 7 })
    const response = await mock.fetch(
      new Request(`${mock.baseUrl}/credit/balance`, { headers: { "x-api-key": mock.key } })
    )
    expect(await response.json()).toEqual({ availableCredits: 7, totalCredits: 7 })
    expect(mock).toHaveSentRequests(1)
  })

  impatient("takes the options of the server", async ({ mock }) => {
    expect(await mock.admin.settings()).toMatchObject({ slowMillis: 3 })
  })
})

describe("the matchers", () => {
  test("count requests", async ({ mock }) => {
    await ask(mock)
    await ask(mock)
    expect(mock).toHaveSentRequests(2)
    expect(mock).toHaveSentRequests({ min: 1, max: 2 })
    expect(mock).not.toHaveSentRequests(3)
    expect(failureOf(() => expect(mock).toHaveSentRequests(3))).toMatch(
      /^Expected 3 requests. 2 requests came. These came: 1: 200 at 0 ms.*; 2: 200 at/
    )
    expect(failureOf(() => expect(mock).not.toHaveSentRequests(2))).toMatch(
      /^Expected not 2 requests. 2 requests came./
    )
  })

  test("count none", ({ mock }) => {
    expect(mock).toHaveSentRequests(0)
    expect(mock).not.toHaveSentRequests(1)
  })

  test("compare statuses", async ({ mock }) => {
    const flaky = mock.steps("503", "reset", "ok")
    await ask(flaky)
    await ask(flaky).catch(() => undefined)
    await ask(flaky)
    expect(flaky).toHaveSeenStatuses(503, null, 200)
    expect(flaky).not.toHaveSeenStatuses(503, 200)
  })

  test("know a client that waited as told from one that did not", async ({ mock }) => {
    const patient = mock.steps("503_x2", "ok")
    await patient.admin.freeze(patient.key)
    await askUntilOk(patient, 1000)
    expect(patient).toHaveWaitedRetryAfter()
    expect(patient).toHaveWaited({ min: 1000, max: 1000 })

    const hasty = mock.steps("503_x2", "ok")
    await hasty.admin.freeze(hasty.key)
    await askUntilOk(hasty, 900)
    expect(hasty).not.toHaveWaitedRetryAfter()
    expect(failureOf(() => expect(hasty).toHaveWaitedRetryAfter())).toContain("Retry-After asked for 1000 ms")
    expect(hasty).not.toHaveWaited({ min: 1000 })
  })

  test("know a client that never asks again after some status", async ({ mock }) => {
    const refused = mock.steps("401", "ok")
    await ask(refused)
    expect(refused).toNeverHaveRetried(401, 403)
    await ask(refused)
    expect(refused).toNeverHaveRetried(403)
    expect(refused).not.toNeverHaveRetried(401, 403)
  })

  test("know whether requests overlapped", async ({ mock }) => {
    const inTurn = mock.steps("delay_20")
    await ask(inTurn)
    await ask(inTurn)
    expect(inTurn).toHaveSentOneAtATime()
    const atOnce = mock.steps("delay_20")
    await Promise.all([ask(atOnce), ask(atOnce)])
    expect(atOnce).not.toHaveSentOneAtATime()
  })

  test("know whether the connection was used again", async ({ mock }) => {
    const cut = mock.steps("truncated", "ok")
    await ask(cut).catch(() => undefined)
    await ask(cut)
    expect(cut).not.toHaveReusedItsConnection()
    const kept = mock.steps("ok")
    await ask(kept)
    await ask(kept)
    expect(kept).toHaveReusedItsConnection()
  })

  test("are for the fixture alone", () => {
    // @ts-expect-error Types refuse it too.
    expect(() => expect("mock_ok").toHaveSentRequests(1)).toThrow("expect() must be given the fixture `mock`")
  })

  test("have types", ({ mock }) => {
    expectTypeOf(expect(mock).toHaveSentRequests).parameters.toEqualTypeOf<
      [number | { readonly min?: number | undefined; readonly max?: number | undefined }]
    >()
  })
})
