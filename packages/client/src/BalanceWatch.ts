/**
 * A balance as a stream of events, and a forecast from them.
 *
 * @since 0.1.0
 */
import * as DateTime from "effect/DateTime"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import type { BalanceEvent } from "./BalanceEvent.ts"
import type { BalanceForecast } from "./BalanceForecast.ts"
import { badRequest } from "./internal/badInput.ts"
import * as forecasting from "./internal/watch/forecast.ts"
import * as watch from "./internal/watch/poll.ts"
import { PolloCredits } from "./PolloCredits.ts"
import type { PolloError } from "./PolloError.ts"

export { BalanceEvent, Low, Observed, Reachable, Recovered, ToppedUp, Unreachable } from "./BalanceEvent.ts"
export { BalanceForecast, Forecast, InsufficientData } from "./BalanceForecast.ts"

/**
 * @since 0.1.0
 */
export declare namespace BalanceWatch {
  /**
   * How often to read, and what is low: `every`, `lowAt`, `recoverAt`, `jitter`, `maxWait`.
   *
   * @category models
   * @since 0.1.0
   */
  export type Options = watch.Options

  /**
   * What an estimate is made from: `window` and `minSamples`.
   *
   * @category models
   * @since 0.1.0
   */
  export type ForecastOptions = forecasting.Options

  /**
   * A reading and its time. An `Observed` event is one.
   *
   * @category models
   * @since 0.1.0
   */
  export type Observation = forecasting.Observation
}

const stream = (options: BalanceWatch.Options): Stream.Stream<BalanceEvent, PolloError, PolloCredits> =>
  Result.match(watch.check(options), {
    onFailure: (problem) => Stream.fail(badRequest(problem)),
    onSuccess: (settings) => watch.poll(PolloCredits.getBalance, settings)
  })

const forecast = (
  observations: Iterable<BalanceWatch.Observation>,
  options: BalanceWatch.ForecastOptions = {}
): BalanceForecast => forecasting.forecast(observations, options)

const forecasts =
  (options: BalanceWatch.ForecastOptions = {}) =>
  <E, R>(events: Stream.Stream<BalanceEvent, E, R>): Stream.Stream<BalanceForecast, E, R> =>
    Stream.mapAccum(events, (): ReadonlyArray<BalanceWatch.Observation> => [], (seen, event) => {
      if (event._tag !== "Observed") return [seen, []]
      const from = DateTime.toEpochMillis(event.at) - forecasting.windowMillis(options)
      const kept = seen.filter((observation) => DateTime.toEpochMillis(observation.at) >= from)
      const window = [...kept, event]
      return [window, [forecasting.forecast(window, options)]]
    })

/**
 * Watches the balance and estimates how long it lasts.
 *
 * **Details**
 *
 * `stream(options)` reads at once and then every so often, and emits in this order what a reading brings: `Reachable`
 * (when it ends an outage), `Observed` (always), `ToppedUp` (when the credits have grown), and one of `Low` and
 * `Recovered` (when the balance has crossed the mark). So the first event is `Observed`, followed by `Low` when the
 * balance is low already, or `Unreachable` when it cannot be read.
 *
 * - `Low` and `Recovered` alternate, beginning with `Low`: one for each crossing, however long the balance stays there
 *   and however it moves between `lowAt` and `recoverAt`.
 * - An error that can pass by itself (`isTransient`) begins an outage: one `Unreachable`, and polls that come more
 *   and more rarely until one succeeds. Any other error, such as a revoked key, ends the stream with that error.
 * - Options that no watch can have fail the stream with a `PolloBadRequest` that names the option and has `attempts: 0`;
 *   nothing is sent.
 * - A poll begins when the one before has been consumed: a slow consumer slows the watch down.
 *
 * `forecast(observations, options)` estimates the burn rate and the time to empty, from the newest reading and those in
 * the window before it. Every span between two consecutive readings is a sample, but for those in which the credits
 * grew: what was spent there cannot be known. The estimate is what was spent in all samples over the time they cover;
 * its 95% interval comes from how much the samples differ, by Student's t. With too few samples the answer is
 * `InsufficientData`. All this supposes that the spending goes on as it was in the window, so let the window hold ten
 * jobs or more: a dear job that is rarer than that is not foreseen.
 *
 * `forecasts(options)` turns the events of a watch into forecasts, one for each `Observed`.
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
 *
 * @category constructors
 * @since 0.1.0
 */
export const BalanceWatch: {
  readonly stream: (options: BalanceWatch.Options) => Stream.Stream<BalanceEvent, PolloError, PolloCredits>
  readonly forecast: (
    observations: Iterable<BalanceWatch.Observation>,
    options?: BalanceWatch.ForecastOptions
  ) => BalanceForecast
  readonly forecasts: (
    options?: BalanceWatch.ForecastOptions
  ) => <E, R>(events: Stream.Stream<BalanceEvent, E, R>) => Stream.Stream<BalanceForecast, E, R>
} = { stream, forecast, forecasts }
