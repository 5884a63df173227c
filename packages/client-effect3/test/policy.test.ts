import { PolloConfigError, RequestPolicy } from "@effect-pollo/client-effect3"
import { Duration, Either } from "effect"
import { describe, expect, it } from "vitest"

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
    expect(RequestPolicy.parse({ retries: 2 })).toMatchObject({
      left: { _tag: "PolloConfigError", field: "policy.retries" }
    })
  })
})
