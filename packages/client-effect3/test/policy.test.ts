import { PolloConfigError, RequestPolicy } from "@effect-pollo/client-effect3"
import { Duration, Either } from "effect"
import { describe, expect, it } from "vitest"
import { type Answer, balance, callWith, endless, json, never, refused, scripted, timed } from "./support.ts"

const busy = json(503, { message: "busy", code: "SERVICE_UNAVAILABLE" })
const slow = (after: string): Answer =>
  json(429, { message: "slow", code: "TOO_MANY_REQUESTS" }, { "retry-after": after })

const run = async (answers: ReadonlyArray<Answer>, policy: RequestPolicy.Input = {}, step?: number) => {
  const { client, requests } = scripted(...answers)
  const { millis, result } = await timed(callWith(client, { policy }), step)
  return { millis, requests: requests.length, outcome: Either.merge(result) }
}

const steady = { backoff: { jitter: 0 } }

describe("the policy", () => {
  it("asks again after growing waits", async () => {
    expect(await run([busy, refused, busy, balance], steady)).toMatchObject({
      requests: 4,
      millis: 250 + 500 + 1000,
      outcome: { availableCredits: 12.5 }
    })
  })

  it("sends no more than maxRetries + 1 requests, whatever the mix", async () => {
    expect(await run([busy, refused, slow("0"), busy], steady)).toMatchObject({
      requests: 4,
      outcome: { _tag: "PolloServerError", attempts: 4 }
    })
  })

  it("does not ask again for what waiting cannot cure", async () => {
    expect(await run([json(401, { message: "no", code: "UNAUTHORIZED" })])).toMatchObject({ requests: 1, millis: 0 })
  })

  it("takes Retry-After as the least wait", async () => {
    expect(await run([slow("7"), balance], steady)).toMatchObject({ requests: 2, millis: 7_000 })
  })

  it("gives up at once when Retry-After is beyond its patience", async () => {
    const { millis, outcome, requests } = await run([slow("3600"), balance])
    expect({ millis, requests }).toEqual({ millis: 0, requests: 1 })
    expect(outcome).toMatchObject({ _tag: "PolloRateLimited", retryAfter: Duration.hours(1) })
  })

  it("ends an attempt that is silent", async () => {
    expect(await run([never], { maxRetries: 0 })).toMatchObject({
      millis: 5_000,
      outcome: { _tag: "PolloTimeout", phase: "attempt", attempts: 1 }
    })
  })

  it("ends an attempt whose body does not end", async () => {
    expect(await run([endless(200, "{"), balance], steady)).toMatchObject({ requests: 2, millis: 5_250 })
  })

  it("ends a call at its deadline", async () => {
    expect(await run([never], { deadline: "12 seconds", ...steady })).toMatchObject({
      millis: 12_000,
      outcome: { _tag: "PolloTimeout", phase: "deadline", timeout: Duration.seconds(12), attempts: 3 }
    })
  })

  it("fails with the last error when a wait does not fit before the deadline", async () => {
    expect(await run([slow("10"), balance], { deadline: "5 seconds" })).toMatchObject({
      millis: 0,
      requests: 1,
      outcome: { _tag: "PolloRateLimited" }
    })
  })

  it("waits a second for the words of an error", async () => {
    expect(await run([endless(401, "{\"message\":")])).toMatchObject({
      millis: 1_000,
      outcome: { _tag: "PolloUnauthorized", code: "HTTP_401" }
    })
  })

  it("has the status when the attempt ends before its words are there", async () => {
    expect(await run([endless(401, "{")], { attemptTimeout: "500 millis" })).toMatchObject({
      millis: 500,
      outcome: { _tag: "PolloUnauthorized" }
    })
  })

  it("can be overridden around a call, the inner one first", async () => {
    const { client, requests } = scripted(never)
    const call = callWith(client, { policy: { maxRetries: 3 } }).pipe(
      RequestPolicy.override({ attemptTimeout: "1 second" }),
      RequestPolicy.override({ attemptTimeout: "9 seconds", maxRetries: 0 })
    )
    expect(await timed(call)).toMatchObject({ millis: 1_000 })
    expect(requests).toHaveLength(1)
  })
})

describe("RequestPolicy", () => {
  it("completes a part with the defaults", () => {
    expect(RequestPolicy.make({ backoff: { base: "1 second" } })).toEqual({
      ...RequestPolicy.defaults,
      backoff: { ...RequestPolicy.defaults.backoff, base: Duration.seconds(1) }
    })
    expect(RequestPolicy.none.maxRetries).toBe(0)
  })

  it.each<[string, object]>([
    ["policy.maxRetries", { maxRetries: 1.5 }],
    ["policy.deadline", { deadline: 0 }],
    ["policy.deadline", { deadline: -1 }],
    ["policy.attemptTimeout", { attemptTimeout: "soon" }],
    ["policy.attemptTimeout", { attemptTimeout: Number.NaN }],
    ["policy.attemptTimeout", { attemptTimeout: null }],
    ["policy.backoff.factor", { backoff: { factor: 0.5 } }],
    ["policy.backoff", { backoff: null }]
  ])("refuses what %s cannot hold", (field, input) => {
    expect(() => RequestPolicy.make(input)).toThrow(PolloConfigError)
    expect(() => RequestPolicy.override(input)).toThrow(field)
    expect(RequestPolicy.parse(input)).toMatchObject({ left: { field } })
  })

  it("parses what is known and nothing else", () => {
    expect(RequestPolicy.parse({ maxRetries: 2 })).toEqual(Either.right({ maxRetries: 2 }))
    expect(RequestPolicy.parse({ retries: 2 })).toMatchObject({ left: { _tag: "PolloConfigError", field: "policy" } })
  })
})
