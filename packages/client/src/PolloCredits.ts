/**
 * The service that reads the credit balance.
 *
 * @since 0.1.0
 */
import * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import type { HttpClientError } from "effect/http/HttpClientError"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import type { CreditBalance } from "./CreditBalance.ts"
import * as policies from "./internal/call/policy.ts"
import { pinned } from "./internal/call/pinned.ts"
import { retry } from "./internal/call/retry.ts"
import * as settings from "./internal/settings.ts"
import { observeCall } from "./internal/call/telemetry.ts"
import * as transport from "./internal/call/attempt.ts"
import { PolloConfigError } from "./PolloConfigError.ts"
import type { PolloError } from "./PolloError.ts"
import type { RequestPolicy } from "./RequestPolicy.ts"

/**
 * @since 0.1.0
 */
export declare namespace PolloCredits {
  /**
   * What a client is built from, the key and the address aside.
   *
   * @category models
   * @since 0.1.0
   */
  export interface ClientOptions<E = HttpClientError> {
    /** Timeouts and retries; what is absent keeps its default. */
    readonly policy?: RequestPolicy.Input | undefined
    /**
     * Wraps the `HttpClient`: a circuit breaker, a rate limiter, extra headers. Do not add retries here, the policy has
     * them, and do not read the body. A failure of the wrapper's own becomes a `PolloTransportError` with the failure's
     * tag as its `code`; it is retried, without a request when the wrapper sends none.
     */
    readonly transformClient?:
      | ((client: HttpClient.HttpClient) => HttpClient.HttpClient.With<E>)
      | undefined
    /**
     * Accept a plain http base URL that is not loopback. The key then travels in clear text.
     *
     * @default false
     */
    readonly allowInsecureBaseUrl?: boolean | undefined
    /**
     * Bytes of a response body, after decompression, beyond which reading stops.
     *
     * @default 65536
     */
    readonly maxBodySize?: number | undefined
    /**
     * Send `traceparent` and `b3` headers to the server.
     *
     * @default false
     */
    readonly propagateTrace?: boolean | undefined
  }

  /**
   * What a client is built from.
   *
   * @category models
   * @since 0.1.0
   */
  export interface Options<E = HttpClientError> extends ClientOptions<E> {
    /** Sent as `x-api-key`. Visible ASCII without white space. */
    readonly apiKey: Redacted.Redacted<string>
    /**
     * https, unless loopback; without user name, query or fragment.
     *
     * @default "https://pollo.ai/api/platform"
     */
    readonly baseUrl?: string | URL | undefined
  }
}

/**
 * Reads how many prepaid credits are left.
 *
 * **Details**
 *
 * `getBalance` sends `GET {baseUrl}/credit/balance` and is safe to repeat. It fails with a `PolloError` and with
 * nothing else. Interrupting it closes the socket.
 *
 * **Example** (Reading the balance)
 *
 * ```ts
 * import { PolloCredits } from "@effect-pollo/client"
 * import { Effect, Layer } from "effect"
 * import { FetchHttpClient } from "effect/http"
 *
 * const program = Effect.gen(function*() {
 *   const { availableCredits } = yield* PolloCredits.getBalance
 *   yield* Effect.log(`${availableCredits} credits left`)
 * })
 *
 * const PolloLive = PolloCredits.layerConfig().pipe(Layer.provide(FetchHttpClient.layer))
 *
 * export const main = Effect.provide(program, PolloLive)
 * ```
 *
 * @category services
 * @since 0.1.0
 */
export class PolloCredits extends Context.Service<PolloCredits, {
  /** One reading of the balance, under the policy of the client. */
  readonly getBalance: Effect.Effect<CreditBalance, PolloError>
}>()("@effect-pollo/client/PolloCredits") {
  /** The balance, from the service in the context. */
  static readonly getBalance: Effect.Effect<CreditBalance, PolloError, PolloCredits> = PolloCredits.use((credits) =>
    credits.getBalance
  )

  /**
   * A client for one key.
   *
   * **Details**
   *
   * Fails with `PolloConfigError` when the key, the base URL, the policy or `maxBodySize` cannot be used.
   *
   * **Gotchas**
   *
   * Provide an `HttpClient` as its own layer makes it, and wrap it with `transformClient`. One that was given
   * `HttpClient.followRedirects` before has sent the key along by the time its answer is refused.
   */
  static readonly layer = <E = HttpClientError>(
    options: PolloCredits.Options<E>
  ): Layer.Layer<PolloCredits, PolloConfigError, HttpClient.HttpClient> => Layer.effect(PolloCredits, make(options))

  /**
   * A client configured by `POLLO_API_KEY` (required), `POLLO_BASE_URL`, `POLLO_ATTEMPT_TIMEOUT`, `POLLO_DEADLINE`
   * (durations such as `5 seconds`) and `POLLO_MAX_RETRIES`, read from the current `ConfigProvider`.
   *
   * **Details**
   *
   * A variable wins over the same field of `options.policy`. Fails with `PolloConfigError`, which names the variable.
   */
  static readonly layerConfig = <E = HttpClientError>(
    options: PolloCredits.ClientOptions<E> = {}
  ): Layer.Layer<PolloCredits, PolloConfigError, HttpClient.HttpClient> =>
    Layer.effect(
      PolloCredits,
      Effect.gen(function*() {
        const policy = yield* Effect.fromResult(policies.validate({
          attemptTimeout: yield* variable("POLLO_ATTEMPT_TIMEOUT", Config.Duration, aDuration),
          deadline: yield* variable("POLLO_DEADLINE", Config.Duration, aDuration),
          maxRetries: yield* variable("POLLO_MAX_RETRIES", Config.Int, "must be a whole number, 0 or more")
        })).pipe(named({
          "policy.attemptTimeout": "POLLO_ATTEMPT_TIMEOUT",
          "policy.deadline": "POLLO_DEADLINE",
          "policy.maxRetries": "POLLO_MAX_RETRIES"
        }))
        const baseUrl = yield* variable("POLLO_BASE_URL", Config.String, "must be a URL")
        const apiKey = yield* variable("POLLO_API_KEY", Config.Redacted, "must be a string")
        if (apiKey === undefined) {
          return yield* new PolloConfigError({
            field: "POLLO_API_KEY",
            problem: "is not set; put the key of your Pollo AI account there"
          })
        }
        return yield* make({ ...options, apiKey, baseUrl, policy: { ...options.policy, ...policy } }).pipe(
          named({ apiKey: "POLLO_API_KEY", baseUrl: "POLLO_BASE_URL" })
        )
      })
    )
}

const aDuration = "must be a duration, such as \"5 seconds\""

/** An optional variable. The value is left out of the error: a key may have been pasted into the wrong place. */
const variable = <A>(
  name: string,
  config: (name: string) => Config.Config<A>,
  problem: string
): Effect.Effect<A | undefined, PolloConfigError> =>
  config(name).pipe(
    Config.withDefault(undefined),
    Effect.mapError(() => new PolloConfigError({ field: name, problem }))
  )

/** Reports the problem of an option under the variable that it came from. */
const named = (variables: Readonly<Record<string, string>>) =>
  Effect.mapError((error: PolloConfigError) => {
    const field = variables[error.field]
    return field === undefined ? error : new PolloConfigError({ field, problem: error.problem })
  })

const make = Effect.fnUntraced(function*<E>(options: PolloCredits.Options<E>) {
  const apiKey = yield* Effect.fromResult(settings.checkApiKey(options.apiKey))
  const baseUrl = yield* Effect.fromResult(
    settings.checkBaseUrl(
      options.baseUrl ?? settings.defaultBaseUrl,
      options.allowInsecureBaseUrl ?? false
    )
  )
  const maxBodySize = yield* Effect.fromResult(
    settings.checkMaxBodySize(options.maxBodySize ?? settings.defaultMaxBodySize)
  )
  const patch = yield* Effect.fromResult(policies.validate(options.policy ?? {}))
  const policy = policies.apply(policies.defaults, patch)
  const client = yield* HttpClient.HttpClient
  const { propagateTrace = false, transformClient } = options
  const shared = { baseUrl, apiKey, maxBodySize, propagateTrace }
  const attempt = transformClient === undefined
    ? transport.make({ ...shared, client: pinned(client) })
    : transport.make({
      ...shared,
      client: yield* Effect.try({
        try: () => transformClient(pinned(client)),
        catch: () => new PolloConfigError({ field: "transformClient", problem: "threw; it must return an HttpClient" })
      })
    })

  return PolloCredits.of({
    getBalance: observeCall((attempts) =>
      Effect.withFiber((fiber) => {
        const override = fiber.getRef(policies.CurrentOverride)
        return retry(
          (number) => {
            attempts.count = number
            return attempt(number)
          },
          override === policies.noOverride ? policy : policies.apply(policy, override)
        )
      })
    )
  })
})
