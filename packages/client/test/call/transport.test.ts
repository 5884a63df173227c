import { PolloCredits } from "@effect-pollo/client"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Redacted } from "effect"
import type { HttpClientResponse } from "effect/http"
import { HttpClient } from "effect/http"
import { TestClock } from "effect/testing"
import { inspect } from "node:util"
import { key, ok, refused, respond, scripted, status, type Step, transport } from "../support/scripted.ts"
import { serve } from "../support/socketServer.ts"
import { client, transports } from "../support/transports.ts"

describe("interruption", () => {
  for (const [name, layer] of transports) {
    for (const phase of ["headers", "body"] as const) {
      it.live(`closes the socket of ${name} while waiting for the ${phase}`, () =>
        Effect.gen(function*() {
          const arrived = Promise.withResolvers<void>()
          const closed = Promise.withResolvers<void>()
          const server = yield* serve((_, response) => {
            response.once("close", () => closed.resolve())
            if (phase === "body") response.writeHead(200).write("{")
            arrived.resolve()
          })
          const fiber = yield* PolloCredits.getBalance.pipe(
            Effect.provide(client(server.url, layer)),
            Effect.forkChild
          )
          yield* Effect.promise(() => arrived.promise)
          yield* Fiber.interrupt(fiber)
          yield* Effect.promise(() => closed.promise)
        }).pipe(Effect.scoped))

      it.live(`of an attempt by its timeout closes the socket of ${name} while waiting for the ${phase}`, () =>
        Effect.gen(function*() {
          const closed = Promise.withResolvers<void>()
          const server = yield* serve((_, response) => {
            response.once("close", () => closed.resolve())
            if (phase === "body") response.writeHead(200).write("{")
          })
          const error = yield* PolloCredits.getBalance.pipe(
            Effect.provide(client(server.url, layer, { policy: { maxRetries: 0, attemptTimeout: "50 millis" } })),
            Effect.flip
          )
          assert.deepInclude(error, { _tag: "PolloTimeout", phase: "attempt" })
          yield* Effect.promise(() => closed.promise)
        }).pipe(Effect.scoped))
    }
  }
})

describe("clean-up that does not end", () => {
  const clingingBody: Step = (request) =>
    respond(
      new ReadableStream({
        start: (controller) => controller.enqueue(new TextEncoder().encode("{")),
        cancel: () => new Promise(() => {})
      })
    )(request)
  const clingingTransport: Step = () => Effect.uninterruptible(Effect.never)

  it.effect.each([clingingBody, clingingTransport])(
    "holds up neither timeout nor deadline (%#)",
    (step) =>
      Effect.gen(function*() {
        const { credits } = yield* scripted({ policy: { attemptTimeout: "2 seconds", deadline: "3 seconds" } }, step)
        const fiber = yield* Effect.forkChild(Effect.flip(credits.getBalance))
        yield* TestClock.adjust("3 seconds")
        assert.deepInclude(yield* Fiber.join(fiber), { _tag: "PolloTimeout", phase: "deadline", attempts: 2 })
      })
  )
})

describe("transformClient", () => {
  it.effect("that throws is a PolloConfigError", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(scripted({
        transformClient: () => {
          throw new Error(key)
        }
      }, ok))
      assert.include({ ...error }, { _tag: "PolloConfigError", field: "transformClient" })
      assert.notInclude(error.message, key)
    }))

  it.effect("sees no more of a transport's error than its code", () =>
    Effect.gen(function*() {
      const seen: Array<string> = []
      const { credits } = yield* scripted({
        policy: { maxRetries: 0 },
        transformClient: HttpClient.tapError((error) =>
          Effect.sync(() => void seen.push(inspect(error), error.message))
        )
      }, refused)
      assert.include({ ...(yield* Effect.flip(credits.getBalance)) }, { code: "ECONNREFUSED" })
      assert.include(seen.join(), "ECONNREFUSED")
      assert.notInclude(seen.join(), key)
    }))

  it.effect("that makes requests wait keeps calls apart: one is interrupted, the other succeeds", () =>
    Effect.gen(function*() {
      const { credits } = yield* scripted({
        policy: { attemptTimeout: "1 minute", deadline: "1 minute" },
        transformClient: HttpClient.transform((effect) => Effect.delay(effect, "10 seconds"))
      }, (request) => Effect.delay(ok(request), "5 seconds"))
      const [kept, dropped] = [yield* Effect.forkChild(credits.getBalance), yield* Effect.forkChild(credits.getBalance)]
      yield* TestClock.adjust("12 seconds")
      yield* Fiber.interrupt(dropped)
      yield* TestClock.adjust("5 seconds")
      assert.strictEqual((yield* Fiber.join(kept)).availableCredits, 42)
    }))

  it.effect("wraps the client, sees every attempt, and may fail with errors of its own", () =>
    Effect.gen(function*() {
      let attempts = 0
      const { layer } = transport(status(503), ok)
      const credits = yield* Effect.provide(
        PolloCredits,
        PolloCredits.layer({
          apiKey: Redacted.make(key),
          policy: { maxRetries: 0 },
          transformClient: (client) =>
            HttpClient.transform(client, (effect): Effect.Effect<HttpClientResponse.HttpClientResponse, unknown> => {
              attempts++
              return Effect.andThen(effect, Effect.fail({ _tag: "Mine", secret: key }))
            })
        }).pipe(Layer.provide(layer))
      )
      const error = yield* Effect.flip(credits.getBalance)
      assert.include(error, { _tag: "PolloTransportError", code: "Mine" })
      assert.notInclude(JSON.stringify(error), key)
      assert.strictEqual(attempts, 1)
    }))

  it.effect("that turns a status into a failure does not hide what the server said", () =>
    Effect.gen(function*() {
      const { credits } = yield* scripted({ transformClient: HttpClient.filterStatusOk }, status(401))
      assert.strictEqual((yield* Effect.flip(credits.getBalance))._tag, "PolloUnauthorized")
    }))
})
