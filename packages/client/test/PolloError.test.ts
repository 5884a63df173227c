import { PolloError } from "@effect-pollo/client"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { hang, refused, respond, scripted, status, type Step } from "./support/scripted.ts"

const once = { policy: { maxRetries: 0, attemptTimeout: "20 millis" } } as const

/** The error of one attempt, and what it says of itself. */
const errorOf = Effect.fnUntraced(function*(step: Step) {
  const { credits } = yield* scripted(once, step)
  return yield* Effect.flip(credits.getBalance)
})

describe("PolloError as a schema", () => {
  const codec = Schema.toCodecJson(PolloError)

  it.live("every member survives JSON, without its getters in it", () =>
    Effect.gen(function*() {
      const steps = [400, 401, 403, 404, 429, 503, 418].map((code) => status(code, { "retry-after": "2" }))
      const tags = new Set<string>()
      for (const step of [...steps, refused, hang, respond("x")]) {
        const error = yield* errorOf(step)
        tags.add(error._tag)
        const text = JSON.stringify(yield* Schema.encodeEffect(codec)(error))
        assert.notInclude(text, "isRetryable")
        assert.notInclude(text, "isTransient")
        const back = yield* Schema.decodeUnknownEffect(codec)(JSON.parse(text))
        assert.strictEqual(back._tag, error._tag)
        assert.strictEqual(back.isRetryable, error.isRetryable)
        assert.strictEqual(back.isTransient, error.isTransient)
        assert.strictEqual(back.message, error.message)
      }
      assert.strictEqual(tags.size, PolloError.members.length)
    }))
})
