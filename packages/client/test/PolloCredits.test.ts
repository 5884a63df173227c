import { CreditBalance, PolloCredits, type RequestPolicy } from "@effect-pollo/client"
import { assert, describe, it } from "@effect/vitest"
import { Config, ConfigProvider, Duration, Effect, Fiber, Layer, Redacted, Schema } from "effect"
import { HttpClientResponse } from "effect/http"
import { TestClock } from "effect/testing"
import { hang, key, ok, scripted, transport } from "./support/scripted.ts"

describe("getBalance", () => {
  it.effect("sends one GET with the key to the documented address", () =>
    Effect.gen(function*() {
      const { credits, requests } = yield* scripted({}, ok)
      yield* credits.getBalance
      assert.strictEqual(requests.length, 1)
      assert.deepInclude(requests[0], { method: "GET", url: "https://pollo.ai/api/platform/credit/balance" })
      assert.strictEqual(requests[0]?.headers["x-api-key"], key)
    }))

  it.effect("reads a body where the runtime has no streams", () =>
    Effect.gen(function*() {
      const { credits } = yield* scripted({}, (request) =>
        Effect.sync(() => {
          const response = Response.json({ availableCredits: 1, totalCredits: 2 })
          Object.defineProperty(response, "body", { value: undefined })
          return HttpClientResponse.fromWeb(request, response)
        }))
      assert.strictEqual((yield* credits.getBalance).totalCredits, 2)
    }))

  it.effect("is there for a client that make built, without a layer", () =>
    Effect.gen(function*() {
      const credits = yield* PolloCredits.make({ apiKey: Redacted.make(key) }).pipe(Effect.provide(transport(ok).layer))
      assert.strictEqual((yield* credits.getBalance).availableCredits, 42)
    }))

  it.effect("is there as a static accessor", () =>
    Effect.gen(function*() {
      const layer = PolloCredits.layer({ apiKey: Redacted.make(key) }).pipe(Layer.provide(transport(ok).layer))
      const balance = yield* PolloCredits.getBalance.pipe(Effect.provide(layer))
      assert.strictEqual(balance.availableCredits, 42)
    }))

  it("a balance encodes to the documented body", () => {
    const balance = new CreditBalance({ availableCredits: 1.5, totalCredits: 2 })
    assert.deepEqual(Schema.encodeSync(CreditBalance)(balance), { availableCredits: 1.5, totalCredits: 2 })
    assert.throws(() => new CreditBalance({ availableCredits: Infinity, totalCredits: 2 }))
  })
})

describe("layerConfig", () => {
  const build = (env: Record<string, string>) => {
    const { layer, requests } = transport(ok)
    return PolloCredits.getBalance.pipe(
      Effect.provide(PolloCredits.layerConfig().pipe(Layer.provide(layer))),
      Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromEnv({ env })),
      Effect.as(requests)
    )
  }

  it.effect("reads the key and the base URL", () =>
    Effect.gen(function*() {
      const requests = yield* build({ POLLO_API_KEY: key, POLLO_BASE_URL: "http://127.0.0.1:4010/api/platform" })
      assert.strictEqual(requests[0]?.url, "http://127.0.0.1:4010/api/platform/credit/balance")
      assert.strictEqual(requests[0]?.headers["x-api-key"], key)
    }))

  /** The attempts and the tag with which a call against a server that hangs ends. */
  const outcome = Effect.fnUntraced(function*(env: Record<string, string>, policy: RequestPolicy.Input) {
    const layer = PolloCredits.layerConfig({ policy }).pipe(Layer.provide(transport(hang).layer))
    const fiber = yield* PolloCredits.getBalance.pipe(
      Effect.provide(layer),
      Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromEnv({ env })),
      Effect.flip,
      Effect.forkChild
    )
    yield* TestClock.adjust("1 minute")
    const error = yield* Fiber.join(fiber)
    return error._tag === "PolloTimeout"
      ? [error.phase, Duration.toMillis(error.timeout), error.attempts]
      : [error._tag]
  })

  it.effect("reads the policy, and a variable wins over the same field in code", () =>
    Effect.gen(function*() {
      const own = { POLLO_API_KEY: key, POLLO_ATTEMPT_TIMEOUT: "2 seconds", POLLO_MAX_RETRIES: "1" }
      assert.deepEqual(yield* outcome(own, {}), ["attempt", 2000, 2])
      assert.deepEqual(yield* outcome(own, { maxRetries: 3, attemptTimeout: "9 seconds" }), ["attempt", 2000, 2])
      for (const three of ["3 seconds", "3s", "3000ms", "PT3S"]) {
        assert.deepEqual(yield* outcome({ POLLO_API_KEY: key, POLLO_DEADLINE: three }, {}), ["deadline", 3000, 1])
      }
      assert.deepEqual(yield* outcome({ POLLO_API_KEY: key }, { maxRetries: 0 }), ["attempt", 5000, 1])
    }))

  const own = (options: PolloCredits.ConfigOptions, env: Record<string, string>) =>
    PolloCredits.getBalance.pipe(
      Effect.provide(PolloCredits.layerConfig(options).pipe(Layer.provide(transport(ok).layer))),
      Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromEnv({ env }))
    )
  const nested = { apiKey: Config.Redacted("KEY").pipe(Config.nested("VIDEO")), baseUrl: Config.String("VIDEO_URL") }

  it.effect("takes the key and the base URL from any Config", () =>
    Effect.gen(function*() {
      yield* own(nested, { VIDEO_KEY: key, VIDEO_URL: "http://127.0.0.1:1", POLLO_BASE_URL: "nonsense" })
    }))

  it.effect("names what a Config asked for", () =>
    Effect.gen(function*() {
      const field = (options: PolloCredits.ConfigOptions, env: Record<string, string>) =>
        Effect.map(Effect.flip(own(options, env)), (error) =>
          error._tag === "PolloConfigError" ? error.field : error._tag)
      assert.strictEqual(yield* field(nested, { POLLO_API_KEY: key }), "VIDEO_KEY")
      assert.strictEqual(yield* field(nested, { VIDEO_KEY: "a b" }), "VIDEO_KEY")
      assert.strictEqual(yield* field(nested, { VIDEO_KEY: key, VIDEO_URL: `/${key}` }), "VIDEO_URL")
      const either = {
        apiKey: Config.orElse(Config.Redacted("A"), () =>
          Config.Redacted("B"))
      }
      assert.strictEqual(yield* field(either, {}), "A or B")
    }))

  it.effect("names a variable whose source cannot be read, and one below a prefix, as the provider knows it", () =>
    Effect.gen(function*() {
      const field = (provider: ConfigProvider.ConfigProvider) =>
        PolloCredits.getBalance.pipe(
          Effect.provide(PolloCredits.layerConfig().pipe(Layer.provide(transport(ok).layer))),
          Effect.provideService(ConfigProvider.ConfigProvider, provider),
          Effect.flip,
          Effect.map((error) => error._tag === "PolloConfigError" ? error.field : error._tag)
        )
      const silent = ConfigProvider.make(() => Effect.fail(new ConfigProvider.SourceError({ message: "no vault" })))
      assert.strictEqual(yield* field(silent), "POLLO_ATTEMPT_TIMEOUT")
      const env = ConfigProvider.fromEnv({ env: { VIDEO_POLLO_MAX_RETRIES: "0x2", POLLO_API_KEY: key } })
      assert.strictEqual(yield* field(ConfigProvider.nested(env, "VIDEO")), "VIDEO_POLLO_MAX_RETRIES")
      const tree = ConfigProvider.fromUnknown({ POLLO_MAX_RETRIES: 2, POLLO_API_KEY: { of: "no text" } })
      assert.strictEqual(yield* field(tree), "POLLO_API_KEY")
    }))

  it.effect("a key pasted into the path of a base URL is not printed back", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(build({ POLLO_API_KEY: key, POLLO_BASE_URL: `http://pollo.ai/${key}` }))
      assert.notInclude(JSON.stringify(error) + error.message, key)
    }))

  const bad: ReadonlyArray<readonly [string, Record<string, string>]> = [
    ["POLLO_API_KEY", {}],
    ["POLLO_API_KEY", { POLLO_API_KEY: "secret with space" }],
    ["POLLO_BASE_URL", { POLLO_API_KEY: key, POLLO_BASE_URL: "http://secret.example" }],
    ["POLLO_ATTEMPT_TIMEOUT", { POLLO_API_KEY: key, POLLO_ATTEMPT_TIMEOUT: "secret" }],
    ["POLLO_DEADLINE", { POLLO_API_KEY: key, POLLO_DEADLINE: "0 seconds" }],
    ["POLLO_MAX_RETRIES", { POLLO_API_KEY: key, POLLO_MAX_RETRIES: "-1" }],
    ["POLLO_MAX_RETRIES", { POLLO_API_KEY: key, POLLO_MAX_RETRIES: "secret" }]
  ]
  it.effect.each(bad)(
    "names %s when it is the problem, and repeats no value",
    ([field, env]) =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(build(env))
        assert.deepInclude(error, { _tag: "PolloConfigError", field })
        assert.notInclude(JSON.stringify(error) + error.message, "secret")
      })
  )
})
