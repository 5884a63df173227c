import { clearTextProblem, defaultBaseUrl, defaultMaxBodySize } from "@effect-pollo/protocol"
import * as HttpClient from "@effect/platform/HttpClient"
import type { HttpClientError } from "@effect/platform/HttpClientError"
import type * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import * as Layer from "effect/Layer"
import * as Predicate from "effect/Predicate"
import type * as Redacted from "effect/Redacted"
import type { CreditBalance } from "./CreditBalance.ts"
import * as attempts from "./internal/attempt.ts"
import * as check from "./internal/check.ts"
import * as config from "./internal/config.ts"
import { pin } from "./internal/pinned.ts"
import * as policies from "./internal/policy.ts"
import { retry } from "./internal/retry.ts"
import { observeCall } from "./internal/telemetry.ts"
import { PolloConfigError } from "./PolloConfigError.ts"
import type { PolloError } from "./PolloError.ts"
import { RequestPolicy } from "./RequestPolicy.ts"

/** @since 0.1.0 */
export declare namespace PolloCredits {
  /** What the service offers. */
  export interface Service {
    /** One reading of the balance, under the policy of the client. Interrupting it closes the socket. */
    readonly getBalance: Effect.Effect<CreditBalance, PolloError>
  }

  /** What a client is built from, except its key and its address. */
  export interface ClientOptions<E = HttpClientError> {
    /** Timeouts and retries; an absent field keeps its default. */
    readonly policy?: RequestPolicy.Input | undefined
    /**
     * Wraps the `HttpClient`. Add no retries here, because the policy already retries, and do not read the body. An
     * error that the wrapper itself fails with becomes a `PolloTransportError` whose `code` is the tag of that error.
     */
    readonly transformClient?: ((client: HttpClient.HttpClient) => HttpClient.HttpClient.With<E>) | undefined
    /** Accept a plain http base URL that is not loopback; the key is then sent in clear text. `false` by default. */
    readonly allowInsecureBaseUrl?: boolean | undefined
    /** The most bytes of a body that are read, counted after decompression. 65,536 by default. */
    readonly maxBodySize?: number | undefined
    /** Send `traceparent` and `b3` headers to the server. `false` by default. */
    readonly propagateTrace?: boolean | undefined
  }

  /** What a client is built from. */
  export interface Options<E = HttpClientError> extends ClientOptions<E> {
    /** Sent as `x-api-key`. Visible ASCII without white space. */
    readonly apiKey: Redacted.Redacted<string>
    /**
     * The address of the API. It must be https, except for loopback. The vendor's `https://pollo.ai/api/platform` by
     * default.
     */
    readonly baseUrl?: string | URL | undefined
  }

  /** What a client is built from when its key and its address come from a `Config`. */
  export interface ConfigOptions<E = HttpClientError> extends ClientOptions<E> {
    /** Where to find the key: `Config.redacted("POLLO_API_KEY")` by default. */
    readonly apiKey?: Config.Config<Redacted.Redacted<string>> | undefined
    /** Where to find the base URL: `POLLO_BASE_URL` by default, or the vendor's address if that is not set. */
    readonly baseUrl?: Config.Config<string | URL> | undefined
  }
}

/**
 * Reads how many prepaid credits are left: `GET {baseUrl}/credit/balance`, which is safe to repeat.
 *
 * ```ts
 * import { PolloCredits } from "@effect-pollo/client-effect3"
 * import { FetchHttpClient } from "@effect/platform"
 * import { Effect, Layer } from "effect"
 *
 * const PolloLive = PolloCredits.layerConfig().pipe(Layer.provide(FetchHttpClient.layer))
 *
 * export const main = PolloCredits.getBalance.pipe(
 *   Effect.flatMap(({ availableCredits }) => Effect.log(`${availableCredits} credits left`)),
 *   Effect.provide(PolloLive)
 * )
 * ```
 *
 * @since 0.1.0
 */
export class PolloCredits
  extends Context.Tag("@effect-pollo/client-effect3/PolloCredits")<PolloCredits, PolloCredits.Service>()
{
  /** The balance, from the service in the context. */
  static readonly getBalance: Effect.Effect<CreditBalance, PolloError, PolloCredits> = Effect.flatMap(
    PolloCredits,
    (credits) => credits.getBalance
  )

  /** A client for one key, on the `HttpClient` in the context: for programs with many keys. */
  static readonly make = <E = HttpClientError>(
    options: PolloCredits.Options<E>
  ): Effect.Effect<PolloCredits.Service, PolloConfigError, HttpClient.HttpClient> => make(options)

  /** A client for one key. Fails with a `PolloConfigError` that names the option if an option is invalid. */
  static readonly layer = <E = HttpClientError>(
    options: PolloCredits.Options<E>
  ): Layer.Layer<PolloCredits, PolloConfigError, HttpClient.HttpClient> => Layer.effect(PolloCredits, make(options))

  /**
   * A client from the current `ConfigProvider`: `POLLO_API_KEY` (required), `POLLO_BASE_URL`, `POLLO_ATTEMPT_TIMEOUT`,
   * `POLLO_DEADLINE` (durations such as `5 seconds`, `5s` or `PT5S`) and `POLLO_MAX_RETRIES`. A variable wins over the
   * same field of `options.policy`. Fails with a `PolloConfigError` that names the variable.
   */
  static readonly layerConfig = <E = HttpClientError>(
    options: PolloCredits.ConfigOptions<E> = {}
  ): Layer.Layer<PolloCredits, PolloConfigError, HttpClient.HttpClient> =>
    Layer.effect(
      PolloCredits,
      Effect.flatMap(config.read(options), (read) => Effect.mapError(make({ ...options, ...read.options }), read.named))
    )
}

type Transform = (client: HttpClient.HttpClient) => unknown

const transform: check.Check<Transform> = (field, input) =>
  typeof input === "function"
    ? input as Transform
    : check.refuse(field, "must be a function that takes an HttpClient and returns one")

const settings = check.fields({
  apiKey: check.apiKey,
  baseUrl: check.baseUrl,
  allowInsecureBaseUrl: check.flag,
  maxBodySize: check.wholeNumber(1),
  propagateTrace: check.flag,
  policy: policies.patch,
  transformClient: transform
}, { prefix: false })

const validate = (options: unknown) => {
  const { allowInsecureBaseUrl = false, baseUrl = defaultBaseUrl, policy = {}, ...rest } = settings(
    "options",
    options
  )
  const problem = allowInsecureBaseUrl ? undefined : clearTextProblem(baseUrl)
  if (problem !== undefined) check.refuse("baseUrl", problem)
  return {
    maxBodySize: defaultMaxBodySize,
    propagateTrace: false,
    ...rest,
    baseUrl,
    apiKey: rest.apiKey ?? check.apiKey("apiKey", undefined),
    policy: policies.apply(RequestPolicy.defaults, policy)
  }
}

const make = (options: unknown): Effect.Effect<PolloCredits.Service, PolloConfigError, HttpClient.HttpClient> =>
  Effect.gen(function*() {
    const { policy, transformClient, ...transport } = yield* policies.attempt(() => validate(options))
    const pinned = yield* pin(yield* HttpClient.HttpClient)
    const client = transformClient === undefined ? pinned : yield* transformed(transformClient, pinned)
    const attempt = attempts.make({ ...transport, client })
    return PolloCredits.of({
      getBalance: observeCall((progress) =>
        Effect.flatMap(FiberRef.get(policies.currentOverride), (override) =>
          retry((number, decided) => {
            progress.attempts = number
            return attempt(number, decided)
          }, policies.apply(policy, override)))
      )
    })
  })

const transformed = (transform: Transform, client: HttpClient.HttpClient) =>
  Effect.try({
    try: () => transform(client),
    catch: () => new PolloConfigError({ field: "transformClient", problem: "threw; it must return an HttpClient" })
  }).pipe(
    Effect.filterOrFail(
      isHttpClient,
      () => new PolloConfigError({ field: "transformClient", problem: "must return an HttpClient" })
    )
  )

const isHttpClient = (input: unknown): input is HttpClient.HttpClient => Predicate.hasProperty(input, HttpClient.TypeId)
