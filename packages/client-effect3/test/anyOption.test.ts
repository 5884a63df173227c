import { PolloConfigError, PolloCredits, RequestPolicy } from "@effect-pollo/client-effect3"
import { HttpClient } from "@effect/platform"
import { Cause, ConfigProvider, Effect, Either, Exit, Layer, Option, Redacted } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { balance, key, scripted } from "./support.ts"

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
    Redacted.make(1),
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
    Object.create(null),
    Effect.die(canary),
    hostile
  ),
  fc.anything({ withBigInt: true, withNullPrototype: true, withObjectString: true, withSparseArray: true })
)

type Run = (input: never) => Effect.Effect<unknown, unknown>

const transport = Layer.succeed(HttpClient.HttpClient, scripted(balance).client)
const built = <A, E>(layer: Layer.Layer<A, E>) => Effect.scoped(Layer.build(layer))
const thrown = (run: () => unknown) =>
  Effect.try({ try: run, catch: (cause) => cause }).pipe(
    Effect.catchAll((cause) => cause instanceof PolloConfigError ? Effect.fail(cause) : Effect.die(cause))
  )
const configured = Layer.setConfigProvider(ConfigProvider.fromMap(new Map([["POLLO_API_KEY", key]])))

const client = ["policy", "transformClient", "allowInsecureBaseUrl", "maxBodySize", "propagateTrace"]
const policy = ["attemptTimeout", "deadline", "maxRetries", "backoff", "maxRetryAfter"]

/** Each public function, valid options of it, and what else it takes. A field named "" is the whole argument. */
const doors: Record<string, readonly [run: Run, valid: object, fields: ReadonlyArray<string>]> = {
  "PolloCredits.make": [
    (options) => Effect.provide(PolloCredits.make(options), transport),
    { apiKey: Redacted.make(key) },
    ["apiKey", "baseUrl", ...client]
  ],
  "PolloCredits.layer": [
    (options) => built(Layer.provide(PolloCredits.layer(options), transport)),
    { apiKey: Redacted.make(key) },
    ["apiKey", "baseUrl", ...client]
  ],
  "PolloCredits.layerConfig": [
    (options) => built(PolloCredits.layerConfig(options).pipe(Layer.provide(transport), Layer.provide(configured))),
    {},
    client
  ],
  "RequestPolicy.make": [(input) => thrown(() => RequestPolicy.make(input)), {}, policy],
  "RequestPolicy.make backoff": [
    (backoff) => thrown(() => RequestPolicy.make({ backoff })),
    {},
    ["base", "factor", "max", "jitter"]
  ],
  "RequestPolicy.override": [(input) => thrown(() => RequestPolicy.override(input)), {}, policy],
  "RequestPolicy.override of an effect": [
    (input) => thrown(() => RequestPolicy.override(Effect.void, input)),
    {},
    policy
  ],
  "RequestPolicy.parse": [(input) => RequestPolicy.parse(input), {}, [...policy, "other"]]
}

/** A mistake is named and not repeated; whatever else happens is no defect. */
const holds = (field: string, exit: Exit.Exit<unknown, unknown>): void => {
  if (Exit.isSuccess(exit)) return
  const printed = `${Cause.pretty(exit.cause).replace(/\n.*/gs, "")} ${JSON.stringify(exit.cause)}`
  const failure = Option.getOrUndefined(Cause.failureOption(exit.cause))
  expect(failure, printed).toBeInstanceOf(PolloConfigError)
  expect(printed).not.toContain(canary)
  expect(failure).toMatchObject({ field: expect.stringContaining(field) })
}

describe("whatever a caller passes", () => {
  for (const [name, [run, valid, fields]] of Object.entries(doors)) {
    it(`${name} takes it, or refuses it by name and does not repeat it`, () =>
      fc.assert(
        fc.asyncProperty(fc.constantFrom("", ...fields), anything, async (field, value) => {
          const passed = value === hostile ? proxy : value
          const given = (field === "" ? passed : { ...valid, [field]: passed }) as never
          holds(field, await Effect.runPromiseExit(Effect.suspend(() => run(given))))
        }),
        { examples: ["", ...fields].map((field): [string, unknown] => [field, hostile]) }
      ))
  }

  it("parse refuses a field that no policy has, by name when the name cannot be a key", () => {
    const problem = (input: unknown) => Either.getOrThrow(Either.flip(RequestPolicy.parse(input)))
    expect(problem({ timeToLve: 1 }).field).toBe("policy.timeToLve")
    expect(problem({ backoff: { bas: 1 } }).field).toBe("policy.backoff.bas")
    expect(problem({ [canary]: 1 }).message).not.toContain(canary)
  })

  it("a getter is read once, and one that throws is named", () => {
    let reads = 0
    const counting = {
      get maxRetries() {
        return reads++ === 0 ? 1 : -1
      }
    }
    expect(RequestPolicy.make(counting).maxRetries).toBe(1)
    const throwing = {
      get maxRetries(): number {
        throw new Error(canary)
      }
    }
    expect(() => RequestPolicy.make(throwing)).toThrow("policy.maxRetries could not be read")
  })
})
