import type { CreditBalance, PolloConfigError, PolloRateLimited } from "@effect-pollo/client"
import { PolloCredits, PolloError, RequestPolicy } from "@effect-pollo/client"
import { assert, it } from "@effect/vitest"
import { type Duration, Effect, type Layer, Redacted } from "effect"
import type { HttpClient } from "effect/http"
import { describe, expectTypeOf } from "vitest"

// The compiler judges these; running them shows only that the values are there.
describe("the types people see", () => {
  it("getBalance fails with the union and nothing more", () => {
    expectTypeOf(PolloCredits.getBalance).toEqualTypeOf<Effect.Effect<CreditBalance, PolloError, PolloCredits>>()
    expectTypeOf<PolloCredits["Service"]["getBalance"]>().toEqualTypeOf<Effect.Effect<CreditBalance, PolloError>>()
    expectTypeOf<PolloError["_tag"]>().toEqualTypeOf<
      | "PolloBadRequest"
      | "PolloUnauthorized"
      | "PolloForbidden"
      | "PolloNotFound"
      | "PolloRateLimited"
      | "PolloServerError"
      | "PolloApiError"
      | "PolloTransportError"
      | "PolloTimeout"
      | "PolloInvalidResponse"
    >()
    assert.strictEqual(PolloError.members.length, 10)
  })

  it("catchTag narrows, and takes its member out of the union", () => {
    const program = PolloCredits.getBalance.pipe(
      Effect.catchTag("PolloRateLimited", (error) => {
        expectTypeOf(error).toEqualTypeOf<PolloRateLimited>()
        expectTypeOf(error.retryAfter).toEqualTypeOf<Duration.Duration | undefined>()
        return Effect.succeed(undefined)
      })
    )
    expectTypeOf(program).toEqualTypeOf<
      Effect.Effect<CreditBalance | undefined, Exclude<PolloError, PolloRateLimited>, PolloCredits>
    >()
  })

  it("the layers need HttpClient alone", () => {
    type Expected = Layer.Layer<PolloCredits, PolloConfigError, HttpClient.HttpClient>
    expectTypeOf(PolloCredits.layerConfig()).toEqualTypeOf<Expected>()
    expectTypeOf(PolloCredits.layer({ apiKey: Redacted.make("k"), policy: {} })).toEqualTypeOf<Expected>()
    const policy: Partial<RequestPolicy> = { deadline: "1 second" }
    expectTypeOf(PolloCredits.layer({ apiKey: Redacted.make("k"), policy })).toEqualTypeOf<Expected>()
  })

  it("a plain string is no key, and a policy takes no unknown field", () => {
    // @ts-expect-error the key must be Redacted
    assert.isDefined(PolloCredits.layer({ apiKey: "k" }))
    // @ts-expect-error there is no such field
    assert.isDefined(RequestPolicy.make({ retries: 3 }))
  })

  it("override leaves the type of a call as it is", () => {
    const once = PolloCredits.getBalance.pipe(RequestPolicy.override({ maxRetries: 0 }))
    expectTypeOf(once).toEqualTypeOf<Effect.Effect<CreditBalance, PolloError, PolloCredits>>()
  })
})
