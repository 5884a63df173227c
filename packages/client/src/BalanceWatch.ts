/**
 * A balance as a stream of events, and a forecast from them.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import type { BalanceEvent } from "./BalanceEvent.ts"
import type { BalanceForecast } from "./BalanceForecast.ts"
import type * as readings from "./BalanceForecast.ts"
import * as forecasting from "./internal/watch/forecast.ts"
import * as watch from "./internal/watch/poll.ts"
import type { PolloConfigError } from "./PolloConfigError.ts"
import { PolloCredits } from "./PolloCredits.ts"
import type { PolloError } from "./PolloError.ts"

export { BalanceEvent } from "./BalanceEvent.ts"
export { BalanceForecast } from "./BalanceForecast.ts"
// So that the declarations of a program can name what it infers. Programs write BalanceEvent.Low.
export type { Low, Observed, Reachable, Recovered, ToppedUp, Unreachable } from "./BalanceEvent.ts"
export type { Forecast, InsufficientData } from "./BalanceForecast.ts"

/**
 * @since 0.1.0
 */
export declare namespace BalanceWatch {
  /**
   * How often to read the balance, and which balance is low.
   *
   * @category models
   * @since 0.1.0
   */
  export interface Options {
    /** The time from the end of one reading to the start of the next. */
    readonly every: Duration.Input
    /**
     * The balance is low at this many available credits, and below.
     *
     * @default no mark: then neither `Low` nor `Recovered` is emitted
     */
    readonly lowAt?: number | undefined
    /**
     * A low balance has recovered when it is above `lowAt` and at least this. Choose a figure well above `lowAt` if
     * refunds or small purchases make the balance rise above `lowAt` and fall again often.
     *
     * @default lowAt
     */
    readonly recoverAt?: number | undefined
    /**
     * How much of each wait is taken off at random, at most: a share from 0 to below 1. It keeps machines that started
     * together from reading at the same moments. A wait is never longer than `every`.
     *
     * @default 0.1
     */
    readonly jitter?: number | undefined
    /**
     * The longest wait while the balance cannot be read. The first wait of an outage is `every`, and each one after it
     * twice as long; a `Retry-After` of the server lengthens it.
     *
     * @default eight times `every`
     */
    readonly maxWait?: Duration.Input | undefined
  }

  /**
   * Which readings an estimate is made from.
   *
   * @category models
   * @since 0.1.0
   */
  export interface ForecastOptions {
    /**
     * How far back from the newest reading older ones are used. Zero leaves no readings to make an estimate from.
     *
     * @default "1 hour"
     */
    readonly window?: Duration.Input | undefined
    /**
     * The fewest spans between consecutive readings that an estimate is made from. At least 2 are needed for an
     * interval, so less counts as 2.
     *
     * @default 3
     */
    readonly minSamples?: number | undefined
  }

  /**
   * A reading and its time: what a forecast is made from. An `Observed` event is one.
   *
   * @category models
   * @since 0.1.0
   */
  export type Observation = readings.Observation
}

const stream = (
  options: BalanceWatch.Options
): Stream.Stream<BalanceEvent, PolloError | PolloConfigError, PolloCredits> =>
  Stream.unwrap(
    Effect.map(
      Effect.fromResult(watch.validate(options)),
      (settings) => watch.poll(PolloCredits.getBalance, settings)
    )
  )

const forecast = (
  observations: Iterable<BalanceWatch.Observation>,
  options: BalanceWatch.ForecastOptions = {}
): BalanceForecast =>
  forecasting.forecast(
    Result.getOrThrow(forecasting.observations("observations", observations)),
    Result.getOrThrow(forecasting.validate(options))
  )

const forecasts = (
  options: BalanceWatch.ForecastOptions = {}
): <E, R>(events: Stream.Stream<BalanceEvent, E, R>) => Stream.Stream<BalanceForecast, E, R> => {
  const settings = Result.getOrThrow(forecasting.validate(options))
  return Stream.mapAccum((): ReadonlyArray<BalanceWatch.Observation> => [], (seen, event: BalanceEvent) => {
    if (event._tag !== "Observed") return [seen, []]
    const window = forecasting.within(settings.window, [...seen, event])
    return [window, [forecasting.forecast(window, settings)]]
  })
}

/**
 * Watches the balance and estimates how long it lasts.
 *
 * **Example** (An alert before the credits are gone)
 *
 * ```ts
 * import { BalanceWatch } from "@effect-pollo/client/BalanceWatch"
 * import { Duration, Effect, Stream } from "effect"
 *
 * const alerts = BalanceWatch.stream({ every: "1 minute", lowAt: 500, recoverAt: 1000 }).pipe(
 *   Stream.runForEach((event) => {
 *     switch (event._tag) {
 *       case "Low":
 *         return Effect.logWarning(`only ${event.balance.availableCredits} credits left`)
 *       case "Unreachable":
 *         return Effect.logWarning(`the balance cannot be read: ${event.error.message}`)
 *       case "Reachable":
 *         return Effect.log(`the balance can be read again, after ${Duration.format(event.outage)}`)
 *       default:
 *         return Effect.void
 *     }
 *   })
 * )
 *
 * const remaining = BalanceWatch.stream({ every: "1 minute", lowAt: 500 }).pipe(
 *   BalanceWatch.forecasts({ window: "2 hours" }),
 *   Stream.runForEach((forecast) =>
 *     forecast._tag === "Forecast"
 *       ? Effect.log(
 *         `${forecast.creditsPerHour.estimate} credits an hour, empty in ${Duration.format(forecast.timeToEmpty.estimate)}`
 *       )
 *       : Effect.log(`${forecast.samples} of ${forecast.needed} samples`)
 *   )
 * )
 *
 * export const main = Effect.all([alerts, remaining], { concurrency: 2 })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const BalanceWatch: {
  /**
   * Reads the balance at once and then every `every`, and emits the events of each reading.
   *
   * **Details**
   *
   * The events of a reading are, in this order: `Reachable` (if the reading ends an outage), `Observed` (always),
   * `ToppedUp` (if the credits have grown), and one of `Low` and `Recovered` (if the balance has crossed the mark). So
   * the first event is `Observed`, followed by `Low` if the balance is low already, or it is `Unreachable` if the
   * balance cannot be read.
   *
   * - `Low` and `Recovered` alternate, beginning with `Low`: one for each crossing, however long the balance stays
   *   there and however it moves between `lowAt` and `recoverAt`.
   * - A failed reading begins an outage: one `Unreachable`, and polls with longer and longer waits between them until
   *   one succeeds. A watch continues after errors that can pass by themselves (`isTransient`). An error that needs
   *   somebody to act, such as a revoked key, ends the stream with that error. Before the first successful reading it
   *   does so at once; later only if it comes three times in a row, because a proxy or a deployment of the vendor may
   *   cause such an error for a moment.
   * - With an invalid option the stream fails with a `PolloConfigError` that names the option, and no request is
   *   sent.
   * - A poll begins only after the events of the previous one were consumed: a slow consumer slows the watch down.
   *
   * **Example** (Events as lines of JSON)
   *
   * ```ts
   * import { BalanceEvent, BalanceWatch } from "@effect-pollo/client/BalanceWatch"
   * import { Schema, Stream } from "effect"
   *
   * const toJson = Schema.encodeEffect(Schema.fromJsonString(Schema.toCodecJson(BalanceEvent)))
   *
   * export const lines = BalanceWatch.stream({ every: "1 minute", lowAt: 500 }).pipe(Stream.mapEffect((event) => toJson(event)))
   * ```
   */
  readonly stream: (
    options: BalanceWatch.Options
  ) => Stream.Stream<BalanceEvent, PolloError | PolloConfigError, PolloCredits>
  /**
   * Estimates the burn rate and the time to empty from the newest reading and the readings in the window before it.
   *
   * **Details**
   *
   * The observations must be in the order in which they were made, or in the opposite order. Their order counts and not
   * only their times, because a clock can be set back. Every span between two consecutive readings is a sample, except
   * one in which the credits grew: what was spent in such a span cannot be known. The estimate is what was spent in all
   * samples, divided by the time that they cover; its 95% interval comes from how much the samples differ, by Student's
   * t. With too few samples the answer is `InsufficientData`.
   *
   * Throws a `PolloConfigError` for invalid options, and for observations without a time or a balance.
   *
   * **Gotchas**
   *
   * The estimate is right only if the spending goes on as it was in the window. Choose a window that holds ten jobs or
   * more: it does not foresee an expensive job that is rarer than that.
   */
  readonly forecast: (
    observations: Iterable<BalanceWatch.Observation>,
    options?: BalanceWatch.ForecastOptions
  ) => BalanceForecast
  /**
   * Turns the events of a watch into forecasts, one for each `Observed`, as `forecast` makes them.
   *
   * **Details**
   *
   * Throws a `PolloConfigError` for invalid options.
   */
  readonly forecasts: (
    options?: BalanceWatch.ForecastOptions
  ) => <E, R>(events: Stream.Stream<BalanceEvent, E, R>) => Stream.Stream<BalanceForecast, E, R>
} = { stream, forecast, forecasts }
