import { CreditBalance, PolloConfigError, PolloCredits, RequestPolicy } from "@effect-pollo/client"
import { BalanceCache } from "@effect-pollo/client/BalanceCache"
import { BalanceCacheRedis } from "@effect-pollo/client/BalanceCacheRedis"
import { BalanceWatch } from "@effect-pollo/client/BalanceWatch"
import { CreditBudget } from "@effect-pollo/client/CreditBudget"
import { CreditBudgetRedis } from "@effect-pollo/client/CreditBudgetRedis"
import { PolloCreditsTest } from "@effect-pollo/client/testing"
import { assert, describe, it } from "@effect/vitest"
import { Cause, ConfigProvider, DateTime, Effect, Exit, Layer, Redacted, Result, type Scope, Stream } from "effect"
import { Redis } from "effect/persistence"
import * as fc from "fast-check"
import { key, ok, transport } from "./support/scripted.ts"

/** What a caller pasted into the wrong place. */
const canary = "pollo_canary5f2c9a"

/** Stands for `proxy`, which fast-check itself could not look at. */
const hostile = Symbol("hostile")

const throws = () => {
  throw new Error(canary)
}
const proxy = new Proxy({}, { get: throws, has: throws, ownKeys: throws, getPrototypeOf: throws })

/** Any value, of the right kind or not, with the canary somewhere in many of them. */
const anything = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    canary,
    [canary],
    { [canary]: canary },
    () => canary,
    Symbol(canary),
    Redacted.make(canary),
    "true",
    "",
    0,
    -1,
    1.5,
    1n,
    Number.NaN,
    Infinity,
    -Infinity,
    [],
    {},
    [1, Number.NaN],
    { seconds: "1" },
    { second: 1 },
    Object.create(null),
    Effect.die(canary),
    hostile
  ),
  fc.anything({ withBigInt: true, withNullPrototype: true, withObjectString: true, withSparseArray: true })
)

type Run = (input: never) => Effect.Effect<unknown, unknown, Scope.Scope>

const built = <A, E>(layer: Layer.Layer<A, E>) => Layer.build(layer)
const thrown = (run: () => unknown) =>
  Effect.try({ try: run, catch: (cause) => cause }).pipe(
    Effect.catch((cause) => cause instanceof PolloConfigError ? Effect.fail(cause) : Effect.die(cause))
  )

const fake = PolloCreditsTest.layer(1000)
const redis = Layer.effect(
  Redis.Redis,
  Redis.make({ send: () => Effect.never, subscribe: () => Effect.never, connect: Effect.never })
)
const reading = { at: DateTime.makeUnsafe(0), balance: new CreditBalance({ availableCredits: 1, totalCredits: 1 }) }

/** Each public function, valid options of it, and what else it takes. A field named "" is the whole argument. */
const doors: Record<string, readonly [run: Run, valid: object, fields: ReadonlyArray<string>]> = {
  "PolloCredits.make": [
    (options) => Effect.provide(PolloCredits.make(options), transport(ok).layer),
    { apiKey: Redacted.make(key) },
    ["apiKey", "baseUrl", "policy", "transformClient", "allowInsecureBaseUrl", "maxBodySize", "propagateTrace"]
  ],
  "PolloCredits.layer": [
    (options) => built(Layer.provide(PolloCredits.layer(options), transport(ok).layer)),
    { apiKey: Redacted.make(key) },
    ["apiKey", "baseUrl", "policy", "transformClient", "allowInsecureBaseUrl", "maxBodySize", "propagateTrace"]
  ],
  "PolloCredits.layerConfig": [
    (options) =>
      Effect.provideService(
        built(Layer.provide(PolloCredits.layerConfig(options), transport(ok).layer)),
        ConfigProvider.ConfigProvider,
        ConfigProvider.fromEnv({ env: { POLLO_API_KEY: key } })
      ),
    {},
    ["apiKey", "baseUrl", "policy", "transformClient", "allowInsecureBaseUrl", "maxBodySize", "propagateTrace"]
  ],
  "RequestPolicy.make": [
    (input) => thrown(() => RequestPolicy.make(input)),
    {},
    ["attemptTimeout", "deadline", "maxRetries", "backoff", "maxRetryAfter"]
  ],
  "RequestPolicy.make backoff": [
    (backoff) => thrown(() => RequestPolicy.make({ backoff })),
    {},
    ["base", "factor", "max", "jitter"]
  ],
  "RequestPolicy.override": [
    (input) => thrown(() => RequestPolicy.override(input)),
    {},
    ["attemptTimeout", "deadline", "maxRetries", "backoff", "maxRetryAfter"]
  ],
  "RequestPolicy.parse": [
    (input) => Effect.fromResult(RequestPolicy.parse(input)),
    {},
    ["attemptTimeout", "deadline", "maxRetries", "backoff", "maxRetryAfter", "other"]
  ],
  "BalanceCache.layer": [
    (options) => built(Layer.provide(BalanceCache.layer(options), fake)),
    { timeToLive: 1 },
    ["timeToLive", "staleIfError", "maxBackoff"]
  ],
  "BalanceCacheRedis.layer": [
    (options) => built(Layer.provide(BalanceCacheRedis.layer(options), [fake, redis])),
    { account: "a", timeToLive: 1 },
    ["account", "timeToLive", "staleIfError", "maxBackoff", "prefix"]
  ],
  "BalanceWatch.stream": [
    (options) => Stream.runHead(Stream.provide(BalanceWatch.stream(options), fake)),
    { every: "1 minute", lowAt: 1 },
    ["every", "lowAt", "recoverAt", "jitter", "maxWait"]
  ],
  "BalanceWatch.forecast": [
    (options) => thrown(() => BalanceWatch.forecast([reading], options)),
    {},
    ["window", "minSamples"]
  ],
  "BalanceWatch.forecast observations": [
    (observation) => thrown(() => BalanceWatch.forecast([observation, reading])),
    reading,
    ["at", "balance"]
  ],
  "BalanceWatch.forecasts": [(options) => thrown(() => BalanceWatch.forecasts(options)), {}, ["window", "minSamples"]],
  "CreditBudget.layer": [
    (options) => built(Layer.provide(CreditBudget.layer(options), fake)),
    {},
    ["safetyMargin", "onUnreadable", "chargeLag", "limits"]
  ],
  "CreditBudgetRedis.layer": [
    // Building it asks Redis, which is silent here: what is tried is whether it gets that far.
    (options) => Effect.race(built(Layer.provide(CreditBudgetRedis.layer(options), [fake, redis])), Effect.void),
    { account: "a" },
    ["account", "lease", "safetyMargin", "onUnreadable", "chargeLag", "prefix", "limits"]
  ],
  "CreditBudget.layer limits": [
    (limit) => built(Layer.provide(CreditBudget.layer({ limits: [limit] }), fake)),
    { credits: 1, every: "1 day" },
    ["credits", "every", "label"]
  ],
  "CreditBudget.reserve": [
    (options) => onBudget(CreditBudget.reserve(1, options)),
    {},
    ["label", "wait", "onFailure"]
  ],
  "CreditBudget.reserve wait": [
    (wait) => onBudget(CreditBudget.reserve(1, { wait })),
    { for: 1 },
    ["for", "pollEvery"]
  ],
  // An effect is a quote, and its defect the caller's own.
  "CreditBudget.reserve cost": [
    (cost) => cost !== proxy && Effect.isEffect(cost) ? Effect.void : onBudget(CreditBudget.reserve(cost)),
    {},
    []
  ],
  "CreditBudget.reserve quote": [(quote) => onBudget(CreditBudget.reserve(Effect.succeed(quote))), {}, []],
  "CreditBudget.free id": [(id) => onBudget(CreditBudget.free(id)), {}, []],
  "CreditBudgetRedis.operator": [
    (options) => Effect.provide(CreditBudgetRedis.operator(options), redis),
    { account: "a" },
    ["account", "prefix"]
  ],
  "Reservation.settle": [
    (actual) => onBudget(Effect.flatMap(CreditBudget.reserve(1), (reservation) => reservation.settle(actual))),
    {},
    []
  ],
  "PolloCreditsTest.layer": [(script) => built(PolloCreditsTest.layer(script)), {
    availableCredits: 1,
    totalCredits: 1
  }, [
    "availableCredits",
    "totalCredits"
  ]],
  "PolloCreditsTest.delay": [(step) => thrown(() => PolloCreditsTest.delay(1, step)), {}, []],
  "PolloCreditsTest.error.serverError": [(given) => thrown(() => PolloCreditsTest.error.serverError(given)), {}, [
    "status",
    "code",
    "message",
    "issues",
    "requestId",
    "attempts",
    "retryAfter"
  ]],
  "PolloCreditsTest.error.invalidResponse": [
    (given) => thrown(() => PolloCreditsTest.error.invalidResponse(given)),
    {},
    ["reason", "status", "attempts", "requestId"]
  ]
}

const onBudget = <A, E>(use: Effect.Effect<A, E, CreditBudget | Scope.Scope>) =>
  Effect.provide(use, Layer.provide(CreditBudget.layer(), fake))

/** Their mistakes all go by the name of the whole argument. */
const collected = new Set(["PolloCreditsTest.layer", "PolloCreditsTest.delay"])
const variables: Record<string, Record<string, string>> = { "PolloCredits.layerConfig": { apiKey: "", baseUrl: "" } }

/** A mistake is named and not repeated; whatever else happens is no defect. */
const holds = (field: string, exit: Exit.Exit<unknown, unknown>) => {
  if (Exit.isSuccess(exit)) return
  const printed = `${Cause.pretty(exit.cause).replace(/\n.*/gs, "")} ${JSON.stringify(exit.cause)}`
  const failure = Cause.findErrorOption(exit.cause)
  assert.isTrue(failure._tag === "Some", `a defect: ${printed}`)
  if (failure._tag === "None" || !(failure.value instanceof PolloConfigError)) return
  assert.notInclude(printed, canary)
  assert.include(failure.value.field, field)
}

describe("whatever a caller passes", () => {
  for (const [name, [run, valid, fields]] of Object.entries(doors)) {
    it(`${name} takes it, or refuses it by name and does not repeat it`, () =>
      fc.assert(fc.asyncProperty(fc.constantFrom("", ...fields), anything, async (field, value) => {
        const passed = value === hostile ? proxy : value
        const given = (field === "" ? passed : { ...valid, [field]: passed }) as never
        const exit = await Effect.runPromiseExit(Effect.scoped(Effect.suspend(() => run(given))))
        holds(collected.has(name) ? "" : variables[name]?.[field] ?? field, exit)
      })))
  }

  it("parse refuses a field that no policy has, by name when the name cannot be a key", () => {
    const problem = (input: unknown) => Result.getOrThrow(Result.flip(RequestPolicy.parse(input)))
    assert.strictEqual(problem({ timeToLve: 1 }).field, "policy.timeToLve")
    assert.strictEqual(problem({ backoff: { bas: 1 } }).field, "policy.backoff.bas")
    assert.notInclude(problem({ [canary]: 1 }).message, canary)
    assert.deepEqual(RequestPolicy.parse({}), Result.succeed({}))
  })
})
