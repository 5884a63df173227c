import { expect, test } from "@effect-pollo/mock-server/vitest"
import type { MockKey } from "@effect-pollo/mock-server/vitest"
import { describe } from "vitest"
import { InvalidExpectationError } from "../src/index.ts"

const ask = async ({ fetch, key }: MockKey): Promise<void> => {
  await fetch("http://mock/api/platform/credit/balance", { headers: { "x-api-key": key } })
}

const thrownBy = (run: () => void): unknown => {
  try {
    run()
    return undefined
  } catch (error) {
    return error
  }
}

/** Calls a matcher as it is called where nothing checks types. */
const call = (on: object, matcher: string, args: ReadonlyArray<unknown>): void => {
  Reflect.apply(Reflect.get(on, matcher), on, args)
}

const nonsense: ReadonlyArray<readonly [string, ReadonlyArray<unknown>, string]> = [
  ["toHaveSentRequests", [], "attempts"],
  ["toHaveSentRequests", [{ atLeast: 5 }], "attempts.atLeast"],
  ["toHaveSentRequests", [{}], "attempts"],
  ["toHaveSentRequests", [{ min: undefined }], "attempts"],
  ["toHaveSentRequests", ["1"], "attempts"],
  ["toHaveSentRequests", [[7]], "attempts"],
  ["toHaveSentRequests", [null], "attempts"],
  ["toHaveSentRequests", [Number.NaN], "attempts"],
  ["toHaveSentRequests", [-1], "attempts"],
  ["toHaveSentRequests", [1.5], "attempts"],
  ["toHaveSentRequests", [{ min: "1" }], "attempts.min"],
  ["toHaveSentRequests", [{ min: 3, max: 2 }], "attempts"],
  ["toHaveSentRequests", [1, 2], "attempts"],
  ["toHaveWaited", [], "waits"],
  ["toHaveWaited", ["99999"], "waits"],
  ["toHaveWaited", [{ min: Number.NaN }], "waits.min"],
  ["toHaveWaited", [{ max: -1 }], "waits.max"],
  ["toHaveSeenStatuses", [], "statuses"],
  ["toHaveSeenStatuses", [[200]], "statuses[0]"],
  ["toHaveSeenStatuses", [200, "503"], "statuses[1]"],
  ["toHaveSeenStatuses", [undefined], "statuses[0]"],
  ["toHaveSeenStatuses", [20], "statuses[0]"],
  ["toNeverHaveRetried", [], "neverRetried"],
  ["toNeverHaveRetried", ["401"], "neverRetried[0]"],
  ["toNeverHaveRetried", [401, null], "neverRetried[1]"],
  ["toHaveWaitedRetryAfter", [5], "waitedRetryAfter"],
  ["toHaveSentOneAtATime", [false], "noOverlap"],
  ["toHaveReusedItsConnection", [true], "reusedConnection"]
]

const forgetful = test.extend("mockOptions", { scope: "worker" }, { maxRequests: 1 })

describe("a matcher", () => {
  test.for(nonsense)("refuses %s(%j), also after not, and names %s", async ([name, args, argument], { mock }) => {
    await ask(mock)
    await ask(mock)
    for (const on of [expect(mock), expect(mock).not]) {
      const error = thrownBy(() => call(on, name, args))
      expect(error).toBeInstanceOf(InvalidExpectationError)
      expect(error).toMatchObject({ argument })
    }
  })

  test("after not, says what came", async ({ mock }) => {
    await ask(mock)
    await ask(mock)
    for (
      const [matcher, args, message] of [
        ["toHaveSentRequests", [2], /^Expected not 2 requests. 2 requests came. These came:/],
        ["toHaveSeenStatuses", [200, 200], /^Expected not the statuses 200, 200. The statuses were 200, 200./],
        ["toNeverHaveRetried", [401], /^Expected a request to come after a 401. No request did./],
        ["toHaveSentOneAtATime", [], /^Expected two requests to be open at once. No two requests were./]
      ] as const
    ) {
      expect(thrownBy(() => call(expect(mock).not, matcher, args))).toMatchObject({
        message: expect.stringMatching(message)
      })
    }
  })

  test("fails, also after not, when no request came", ({ mock }) => {
    for (const matcher of ["toHaveWaitedRetryAfter", "toHaveSentOneAtATime", "toHaveReusedItsConnection"]) {
      for (const on of [expect(mock), expect(mock).not]) {
        expect(thrownBy(() => call(on, matcher, []))).toMatchObject({
          message: expect.stringContaining("No request came")
        })
      }
    }
  })

  forgetful("fails either way when some of the requests are no longer on record", async ({ mock }) => {
    await ask(mock)
    await ask(mock)
    for (const on of [expect(mock), expect(mock).not]) {
      for (const attempts of [1, 2]) {
        expect(thrownBy(() => call(on, "toHaveSentRequests", [attempts]))).toMatchObject({
          message: expect.stringContaining("no longer on record")
        })
      }
    }
  })
})
