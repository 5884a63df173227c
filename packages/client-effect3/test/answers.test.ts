import { PolloError } from "@effect-pollo/client-effect3"
import { Effect, Either, Schema } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { failure, key, outcome } from "./support.ts"

const roundTrip = (error: PolloError) => {
  const text = JSON.stringify(Schema.encodeSync(PolloError)(error))
  return Schema.decodeUnknownSync(PolloError)(JSON.parse(text))
}

describe("an answer", () => {
  it("of any bytes ends in a balance or an error that survives JSON, without the key", () =>
    fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 200, max: 599 }).filter((status) => ![204, 205, 304].includes(status)),
        fc.oneof(
          fc.uint8Array({ maxLength: 200 }),
          fc.json().map((text) => new TextEncoder().encode(text)),
          fc.string().map((text) => new TextEncoder().encode(JSON.stringify({ message: `${text}${key}`, code: key })))
        ),
        fc.dictionary(
          fc.constantFrom("retry-after", "x-request-id", "content-type"),
          fc.constantFrom("1.5", "9e9", key)
        ),
        async (status, bytes, headers) => {
          const result = await outcome(() => new Response(new Uint8Array(bytes), { status, headers }))
          if (Either.isRight(result)) return
          const error = result.left
          if (error._tag === "PolloConfigError") throw error
          const back = roundTrip(error)
          expect(back).toEqual(error)
          expect(back.isTransient).toBe(error.isTransient)
          expect(JSON.stringify(Schema.encodeSync(PolloError)(error))).not.toContain(key)
        }
      ),
      { numRuns: 300 }
    ))

  it("that makes a wrapper die is an error all the same", async () => {
    const error = await failure(() => Promise.resolve(new Response()), {
      transformClient: (client) =>
        Object.assign(Object.create(client), {
          postprocess: () => Effect.dieMessage(`broken with ${key}`)
        })
    })
    expect(error).toMatchObject({ _tag: "PolloTransportError" })
  })
})
