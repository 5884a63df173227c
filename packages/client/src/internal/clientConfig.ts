/** A client's options from a `ConfigProvider`. Errors name the variable; its value may be a key in the wrong place. */
import { durationMillis } from "@effect-pollo/protocol"
import * as Config from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { PolloConfigError } from "../PolloConfigError.ts"
import * as policies from "./call/policy.ts"
import * as check from "./options.ts"

const aConfig = check.matching(Config.isConfig, "must be a Config")

const configs = check.options({
  apiKey: check.withDefault(aConfig, Config.Redacted("POLLO_API_KEY")),
  baseUrl: check.withDefault(aConfig, Config.String("POLLO_BASE_URL")),
  policy: check.withDefault(policies.patch, {})
})

const aDuration = "must be a duration, such as \"5 seconds\""

/** In effect's own form or as people write one in a shell: `30s`, `PT30S`. */
const duration = (name: string): Config.Config<Duration.Duration> =>
  Config.flatMap(Config.String(name), (text) => {
    const millis = durationMillis(text)
    return millis === undefined ? Config.Duration(name) : Config.succeed(Duration.millis(millis))
  })

/** `from` with its configured parts read, and the name that each of these goes by in the `ConfigProvider`. */
export const read = Effect.fnUntraced(function*(from: unknown) {
  const { apiKey, baseUrl, policy } = yield* Effect.fromResult(configs(from))
  const attemptTimeout = yield* variable("policy.attemptTimeout", duration("POLLO_ATTEMPT_TIMEOUT"), aDuration)
  const deadline = yield* variable("policy.deadline", duration("POLLO_DEADLINE"), aDuration)
  const maxRetries = yield* variable(
    "policy.maxRetries",
    Config.Int("POLLO_MAX_RETRIES"),
    "must be a whole number, 0 or more"
  )
  const given = [attemptTimeout, deadline, maxRetries]
  const configured = yield* Effect.fromResult(policies.patch("policy", {
    attemptTimeout: attemptTimeout.value,
    deadline: deadline.value,
    maxRetries: maxRetries.value
  })).pipe(Effect.mapError(named(given)))
  const url = yield* variable("baseUrl", baseUrl, "must be a URL")
  const key = yield* variable("apiKey", apiKey, "must be a string")
  if (key.value === undefined) {
    return yield* new PolloConfigError({
      field: key.name,
      problem: "is not set; put the key of your Pollo AI account there"
    })
  }
  return {
    options: { apiKey: key.value, baseUrl: url.value, policy: policies.merge(policy, configured) },
    named: named([url, key])
  }
})

interface Variable {
  /** The option that it stands for. */
  readonly option: string
  /** What the provider was asked for: the name of the environment variable, where that is the source. */
  readonly name: string
  readonly value: unknown
}

const variable = (
  option: string,
  config: Config.Config<unknown>,
  problem: string
): Effect.Effect<Variable, PolloConfigError> =>
  Effect.flatMap(ConfigProvider.ConfigProvider, (provider) => {
    const asked = new Set<string>()
    const name = () => [...asked].filter((path) => path !== "").join(" or ") || option
    const recording = ConfigProvider.mapInput(provider, (path) => {
      asked.add(path.join("_"))
      return path
    })
    return Config.withDefault(config, undefined).parse(recording).pipe(
      Effect.map((value) => ({ option, name: name(), value })),
      Effect.mapError(() => new PolloConfigError({ field: name(), problem }))
    )
  })

/** Reports the problem of an option under the variable that it came from. */
const named = (variables: ReadonlyArray<Variable>) => ({ field, problem }: PolloConfigError): PolloConfigError =>
  new PolloConfigError({ field: variables.find(({ option }) => option === field)?.name ?? field, problem })
