/**
 * The service that reads the credit balance.
 *
 * @since 0.1.0
 */
import type * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as HttpClient from "effect/http/HttpClient"
import type { HttpClientError } from "effect/http/HttpClientError"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import type { CreditBalance } from "./CreditBalance.ts"
import { make } from "./internal/client/make.ts"
import * as clientConfig from "./internal/client/config.ts"
import type { PolloConfigError } from "./PolloConfigError.ts"
import type { PolloError } from "./PolloError.ts"
import type { RequestPolicy } from "./RequestPolicy.ts"

/**
 * @since 0.1.0
 */
export declare namespace PolloCredits {
  /**
   * What the service offers.
   *
   * @category models
   * @since 0.1.0
   */
  export interface Service {
    /** One reading of the balance, under the policy of the client. */
    readonly getBalance: Effect.Effect<CreditBalance, PolloError>
  }

  /**
   * What a client is built from, except its key and its address.
   *
   * @category models
   * @since 0.1.0
   */
  export interface ClientOptions<E = HttpClientError> {
    /** Timeouts and retries; an absent field keeps its default. */
    readonly policy?: RequestPolicy.Input | undefined
    /**
     * Wraps the `HttpClient`: a circuit breaker, a rate limiter, extra headers. Do not add retries here, because the
     * policy already retries, and do not read the body. An error that the wrapper itself fails with becomes a
     * `PolloTransportError` whose `code` is the tag of that error. The client retries it, even if the wrapper has sent
     * no request.
     */
    readonly transformClient?:
      | ((client: HttpClient.HttpClient) => HttpClient.HttpClient.With<E>)
      | undefined
    /**
     * Accept a plain http base URL that is not loopback. The key is then sent in clear text.
     *
     * @default false
     */
    readonly allowInsecureBaseUrl?: boolean | undefined
    /**
     * The most bytes of a response body that are read, counted after decompression.
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
    /** The key, which is sent as `x-api-key`. Visible ASCII without white space. */
    readonly apiKey: Redacted.Redacted<string>
    /**
     * The address of the API. It must be https, except for loopback, and have no user name, query or fragment.
     *
     * @default "https://pollo.ai/api/platform"
     */
    readonly baseUrl?: string | URL | undefined
  }

  /**
   * What a client is built from when its key and its address come from a `Config`.
   *
   * @category models
   * @since 0.1.0
   */
  export interface ConfigOptions<E = HttpClientError> extends ClientOptions<E> {
    /**
     * Where to find the key: any `Config`, such as one for another variable.
     *
     * @default Config.Redacted("POLLO_API_KEY")
     */
    readonly apiKey?: Config.Config<Redacted.Redacted<string>> | undefined
    /**
     * Where to find the base URL.
     *
     * @default POLLO_BASE_URL, or the address of the vendor when it is not set
     */
    readonly baseUrl?: Config.Config<string | URL> | undefined
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
export class PolloCredits
  extends Context.Service<PolloCredits, PolloCredits.Service>()("@effect-pollo/client/PolloCredits")
{
  /** The balance, from the service in the context. */
  static readonly getBalance: Effect.Effect<CreditBalance, PolloError, PolloCredits> = PolloCredits.use((credits) =>
    credits.getBalance
  )

  /**
   * A client for one key, on the `HttpClient` in the context. For programs that serve many keys.
   *
   * **Details**
   *
   * Fails with `PolloConfigError`, which names the option, when a client cannot be built from the options.
   *
   * **Example** (One client for each tenant)
   *
   * ```ts
   * import { PolloCredits } from "@effect-pollo/client"
   * import { Effect, type Redacted } from "effect"
   *
   * export const balanceOf = (apiKey: Redacted.Redacted<string>) =>
   *   PolloCredits.make({ apiKey }).pipe(Effect.flatMap((credits) => credits.getBalance))
   * ```
   */
  static readonly make = <E = HttpClientError>(
    options: PolloCredits.Options<E>
  ): Effect.Effect<PolloCredits["Service"], PolloConfigError, HttpClient.HttpClient> => make(options)

  /**
   * A client for one key.
   *
   * **Details**
   *
   * Fails with `PolloConfigError`, which names the option, when a client cannot be built from the options.
   *
   * **Gotchas**
   *
   * Provide an `HttpClient` as its own layer makes it, and wrap it with `transformClient`. If
   * `HttpClient.followRedirects` was applied to the client before, it has already sent the key to the redirect's target
   * when this client refuses the answer.
   */
  static readonly layer = <E = HttpClientError>(
    options: PolloCredits.Options<E>
  ): Layer.Layer<PolloCredits, PolloConfigError, HttpClient.HttpClient> => Layer.effect(PolloCredits, make(options))

  /**
   * A client configured from the current `ConfigProvider`: `POLLO_API_KEY` (required), `POLLO_BASE_URL`,
   * `POLLO_ATTEMPT_TIMEOUT`, `POLLO_DEADLINE` (durations such as `5 seconds`, `5s` or `PT5S`) and `POLLO_MAX_RETRIES`.
   *
   * **Details**
   *
   * `options.apiKey` and `options.baseUrl` replace the first two by a `Config` of your own. A variable wins over the
   * same field of `options.policy`. Fails with `PolloConfigError`, which names the variable that was asked for.
   *
   * **Example** (A key under another name)
   *
   * ```ts
   * import { PolloCredits } from "@effect-pollo/client"
   * import { Config } from "effect"
   *
   * export const PolloLive = PolloCredits.layerConfig({
   *   apiKey: Config.Redacted("KEY").pipe(Config.nested("VIDEO"))
   * })
   * ```
   */
  static readonly layerConfig = <E = HttpClientError>(
    options: PolloCredits.ConfigOptions<E> = {}
  ): Layer.Layer<PolloCredits, PolloConfigError, HttpClient.HttpClient> =>
    Layer.effect(
      PolloCredits,
      Effect.flatMap(
        clientConfig.read(options),
        (read) => Effect.mapError(make({ ...options, ...read.options }), read.named)
      )
    )
}
