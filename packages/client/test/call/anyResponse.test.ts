import { CreditBalance, PolloError, PolloTransportError } from "@effect-pollo/client"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Schema } from "effect"
import * as fc from "fast-check"
import { respond, scripted } from "../support/scripted.ts"

const noBody = new Set([204, 205, 304])

const headerName = fc.constantFrom(
  "retry-after",
  "content-type",
  "content-length",
  "content-encoding",
  "x-request-id",
  "location",
  "transfer-encoding",
  "set-cookie"
)
const headerValue = fc.oneof(
  fc.constantFrom("0", "-1", "1e9", "Infinity", "Wed, 21 Oct 2015 07:28:00 GMT", "gzip", "application/json", ";=;"),
  fc.string({ unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)) })
)

const number = fc.oneof(fc.double(), fc.constantFrom("1", null, true, {}))
const balance = fc.record({ availableCredits: number, totalCredits: number }, { requiredKeys: [] })
const nearlyRight = fc.oneof(
  balance,
  fc.record({ code: fc.oneof(fc.string(), fc.constant("SUCCESS")), message: fc.string(), data: balance }, {
    requiredKeys: []
  }),
  fc.record({
    code: fc.oneof(fc.constantFrom("UNAUTHORIZED", "TOO_MANY_REQUESTS", "NOT_IMPLEMENTED"), fc.jsonValue()),
    message: fc.jsonValue(),
    issues: fc.oneof(fc.array(fc.record({ message: fc.jsonValue() })), fc.jsonValue())
  })
).map((body) => new TextEncoder().encode(JSON.stringify(body)))
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 512 }),
  fc.json().map((text) => new TextEncoder().encode(text)),
  nearlyRight
)

const encode = Schema.encodeUnknownExit(Schema.toCodecJson(PolloError))

describe("any response", () => {
  it.effect("of any status, headers and bytes gives a CreditBalance or a member of the union", () =>
    Effect.promise(() =>
      fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 200, max: 599 }),
          fc.array(fc.tuple(headerName, headerValue)),
          bytes,
          fc.integer({ min: 1, max: 600 }),
          async (status, headers, body, maxBodySize) => {
            const step = respond(noBody.has(status) ? null : body, { status, headers })
            const exit = await Effect.runPromiseExit(
              Effect.flatMap(
                scripted({ policy: { maxRetries: 0 }, maxBodySize }, step),
                ({ credits }) => credits.getBalance
              )
            )
            if (Exit.isSuccess(exit)) {
              assert.instanceOf(exit.value, CreditBalance)
              assert.isTrue(Number.isFinite(exit.value.availableCredits) && Number.isFinite(exit.value.totalCredits))
              return
            }
            assert.strictEqual(exit.cause.reasons.length, 1)
            const error = Cause.squash(exit.cause)
            assert.isTrue(Schema.is(PolloError)(error), Cause.pretty(exit.cause))
            // The response was whole: to call it lost would hide a mistake of ours.
            assert.isFalse(Schema.is(PolloTransportError)(error), Cause.pretty(exit.cause))
            assert.isTrue(Exit.isSuccess(encode(error)))
          }
        ),
        { numRuns: 2000 }
      )
    ))
})
