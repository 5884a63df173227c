/** A client's options from the current `ConfigProvider`. Errors name the variable and never repeat its value. */
import { durationMillis } from "@effect-pollo/protocol"
import * as Config from "effect/Config"
import * as ConfigError from "effect/ConfigError"
import * as Effect from "effect/Effect"
import { PolloConfigError } from "../PolloConfigError.ts"
import * as check from "./check.ts"
import * as policies from "./policy.ts"

const aConfig: check.Check<Config.Config<unknown>> = (field, input) =>
  Config.isConfig(input) ? input : check.refuse(field, "must be a Config")

const sources = check.fields({ apiKey: aConfig, baseUrl: aConfig, policy: policies.patch }, { prefix: false })

const variables = {
  apiKey: "POLLO_API_KEY",
  baseUrl: "POLLO_BASE_URL",
  "policy.attemptTimeout": "POLLO_ATTEMPT_TIMEOUT",
  "policy.deadline": "POLLO_DEADLINE",
  "policy.maxRetries": "POLLO_MAX_RETRIES"
} as const

/** The name in an error: that of the variable, or that of the option if its `Config` is the caller's own. */
type Names = Readonly<Record<string, string>>

export const read = (from: unknown) =>
  Effect.gen(function*() {
    const { apiKey, baseUrl, policy = {} } = yield* policies.attempt(() => sources("options", from))
    const names: Names = {
      ...variables,
      ...(apiKey === undefined ? undefined : { apiKey: "apiKey" }),
      ...(baseUrl === undefined ? undefined : { baseUrl: "baseUrl" })
    }
    const key = yield* valueOf(apiKey ?? Config.redacted(variables.apiKey), "apiKey", names)
    if (key.value === undefined) {
      return yield* new PolloConfigError({
        field: key.name,
        problem: "is not set; put the key of your Pollo AI account there"
      })
    }
    const url = yield* valueOf(baseUrl ?? Config.string(variables.baseUrl), "baseUrl", names)
    const attemptTimeout = yield* text("policy.attemptTimeout", names)
    const deadline = yield* text("policy.deadline", names)
    const maxRetries = yield* text("policy.maxRetries", names)
    const given = yield* policies.attempt(() =>
      policies.patch("policy", {
        attemptTimeout: durationOf(attemptTimeout),
        deadline: durationOf(deadline),
        maxRetries: maxRetries === undefined ? undefined : /^\d+$/.test(maxRetries) ? Number(maxRetries) : Number.NaN
      })
    ).pipe(Effect.mapError(named(names)))
    return {
      options: { apiKey: key.value, baseUrl: url.value, policy: policies.merge(policy, given) },
      named: named(names)
    }
  })

const valueOf = (config: Config.Config<unknown>, option: string, names: Names) =>
  Effect.matchEffect(config, {
    onSuccess: (value) => Effect.succeed({ name: names[option] ?? option, value }),
    onFailure: (error) => {
      const name = (ConfigError.isConfigError(error) ? pathOf(error) : "") || (names[option] ?? option)
      return ConfigError.isConfigError(error) && isMissing(error)
        ? Effect.succeed({ name, value: undefined })
        : Effect.fail(new PolloConfigError({ field: name, problem: "has a value that cannot be used" }))
    }
  })

const text = (option: keyof typeof variables, names: Names) =>
  Effect.map(
    valueOf(Config.string(variables[option]), option, names),
    ({ value }) => typeof value === "string" ? value : undefined
  )

/** A duration as people write it in a shell (`30s`, `PT30S`), or in effect's own form. */
const durationOf = (text: string | undefined): unknown => text === undefined ? undefined : durationMillis(text) ?? text

const isMissing = (error: ConfigError.ConfigError): boolean =>
  error._op === "And" || error._op === "Or"
    ? isMissing(error.left) && isMissing(error.right)
    : error._op === "MissingData"

const pathOf = (error: ConfigError.ConfigError): string =>
  error._op === "And" || error._op === "Or" ? pathOf(error.left) : error.path.join("_")

const named = (names: Names) => ({ field, problem }: PolloConfigError): PolloConfigError =>
  new PolloConfigError({ field: names[field] ?? field, problem })
