/** A client's options from a `ConfigProvider`. Errors name the variable; its value may be a key in the wrong place. */
import { durationMillis } from "@effect-pollo/protocol"
import * as Config from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { PolloConfigError } from "../../PolloConfigError.ts"
import * as policies from "../call/policy.ts"
import * as check from "../options.ts"

/** Reads a value, or `undefined` if it is not set. */
type Source = (provider: ConfigProvider.ConfigProvider) => Effect.Effect<unknown, unknown>

const aConfig = check.matching(Config.isConfig, "must be a Config")

const source: check.Check<Source> = (field, input) =>
  Result.map(aConfig(field, input), (config) => Config.withDefault(config, undefined).parse)

const configs = check.options({
  apiKey: check.optional(source),
  baseUrl: check.optional(source),
  policy: check.withDefault(policies.patch, {})
})

/**
 * Reads and decodes a variable. `Config` would need a schema for each type, a twentieth of the size of a bundled
 * program.
 */
const text = (name: string, decode: (text: string) => unknown): Source => (provider) =>
  Effect.map(provider.load([name]), (node) => node?.value === undefined ? undefined : decode(node.value))

/** A duration as people write it in a shell (`30s`, `PT30S`), or in effect's own form. */
const duration = (text: string): unknown => durationMillis(text) ?? text
const number = (text: string): unknown => /^\d+$/.test(text) ? Number(text) : text

/** The options `from` with all configured values read, and for each of those its name in the `ConfigProvider`. */
export const read = Effect.fnUntraced(function*(from: unknown) {
  const options = yield* Effect.fromResult(configs(from))
  const attemptTimeout = yield* variable("policy.attemptTimeout", text("POLLO_ATTEMPT_TIMEOUT", duration))
  const deadline = yield* variable("policy.deadline", text("POLLO_DEADLINE", duration))
  const maxRetries = yield* variable("policy.maxRetries", text("POLLO_MAX_RETRIES", number))
  const policy = yield* Effect.fromResult(policies.patch("policy", {
    attemptTimeout: attemptTimeout.value,
    deadline: deadline.value,
    maxRetries: maxRetries.value
  })).pipe(Effect.mapError(named([attemptTimeout, deadline, maxRetries])))
  const baseUrl = yield* variable("baseUrl", options.baseUrl ?? text("POLLO_BASE_URL", identity), "must be a URL")
  const apiKey = yield* variable("apiKey", options.apiKey ?? text("POLLO_API_KEY", Redacted.make), "must be a string")
  if (apiKey.value === undefined) {
    return yield* new PolloConfigError({
      field: apiKey.name,
      problem: "is not set; put the key of your Pollo AI account there"
    })
  }
  return {
    options: { apiKey: apiKey.value, baseUrl: baseUrl.value, policy: policies.merge(options.policy, policy) },
    named: named([baseUrl, apiKey])
  }
})

interface Variable {
  /** The option that the variable sets. */
  readonly option: string
  /** The path that the provider was asked for: with environment variables, the name of the variable. */
  readonly name: string
  readonly value: unknown
}

const variable = (
  option: string,
  source: Source,
  problem = "could not be read"
): Effect.Effect<Variable, PolloConfigError> =>
  Effect.flatMap(ConfigProvider.ConfigProvider, (provider) => {
    const asked = new Set<string>()
    const name = () => [...asked].filter((path) => path !== "").join(" or ") || option
    const recording = provider.mapInput((path) => {
      asked.add(path.join("_"))
      return path
    })
    return Effect.matchEffect(source(recording), {
      onSuccess: (value) => Effect.succeed({ option, name: name(), value }),
      onFailure: () => Effect.fail(new PolloConfigError({ field: name(), problem }))
    })
  })

/** Reports the problem of an option under the variable that it came from. */
const named = (variables: ReadonlyArray<Variable>) => ({ field, problem }: PolloConfigError): PolloConfigError =>
  new PolloConfigError({ field: variables.find(({ option }) => option === field)?.name ?? field, problem })
