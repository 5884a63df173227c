/** What a watch says of a scripted balance. */
import { type BalanceEvent, BalanceWatch } from "@effect-pollo/client/BalanceWatch"
import { PolloCreditsTest } from "@effect-pollo/client/testing"
import { Duration, Effect, Fiber, Stream } from "effect"
import { TestClock } from "effect/testing"

export const steady = { every: "1 minute", lowAt: 100, jitter: 0 } as const

/** The events of so many polls, with time passing as needed. */
export const watch = Effect.fnUntraced(function*(polls: number, options: BalanceWatch.Options = steady) {
  const events: Array<BalanceEvent> = []
  const fiber = yield* BalanceWatch.stream(options).pipe(
    Stream.runForEach((event) => Effect.sync(() => events.push(event))),
    Effect.result,
    Effect.forkChild
  )
  yield* TestClock.adjust(0)
  while (fiber.pollUnsafe() === undefined && (yield* ended) < polls) yield* TestClock.adjust("10 seconds")
  yield* Fiber.interrupt(fiber)
  const exit = fiber.pollUnsafe()
  const failure = exit?._tag === "Success" && exit.value._tag === "Failure" ? exit.value.failure : undefined
  return { events, failure }
})

const ended = Effect.map(PolloCreditsTest.calls, (calls) => calls.filter((call) => call.endedAt !== undefined).length)

/** The tags of the events, with the figure that matters. */
export const short = (event: BalanceEvent): string => {
  switch (event._tag) {
    case "ToppedUp":
      return `ToppedUp ${event.credits}`
    case "Unreachable":
      return `Unreachable ${event.error._tag}`
    case "Reachable":
      return `Reachable ${Duration.format(event.outage)}`
    default:
      return `${event._tag} ${event.balance.availableCredits}`
  }
}

export const tell = (script: ReadonlyArray<PolloCreditsTest.Step>, options?: BalanceWatch.Options) =>
  watch(script.length, options).pipe(
    Effect.map(({ events }) => events.map(short)),
    Effect.provide(PolloCreditsTest.layer(script))
  )
