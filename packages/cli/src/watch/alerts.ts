/** Tells somebody that the balance is low: a command, a webhook, or both. */
import type { BalanceEvent } from "@effect-pollo/client/BalanceWatch"
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as HttpClient from "effect/http/HttpClient"
import * as Option from "effect/Option"
import type { ChildProcessSpawner } from "effect/process/ChildProcessSpawner"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Misuse } from "../values/problems.ts"
import * as command from "./command.ts"
import type { Notice, Tell } from "./tell.ts"
import * as webhook from "./webhook.ts"

export interface AlertFlags {
  readonly exec: Option.Option<string>
  readonly webhook: Option.Option<string>
}

export interface Alerts {
  /** Takes the alert and returns at once: the watch does not wait for the receiver. */
  readonly send: (event: BalanceEvent.Low) => Effect.Effect<void>
  /** Waits until every alert that was taken has been delivered or has failed. */
  readonly settled: Effect.Effect<void>
}

export const make = Effect.fnUntraced(function*(
  flags: AlertFlags,
  notice: Notice
): Effect.fn.Return<Alerts, Misuse, Scope.Scope | ChildProcessSpawner | HttpClient.HttpClient> {
  const tellers: Array<Tell> = []
  if (Option.isSome(flags.exec)) tellers.push(yield* command.teller(flags.exec.value, notice))
  if (Option.isSome(flags.webhook)) tellers.push(yield* webhook.teller(flags.webhook.value, notice))
  const queue = yield* Queue.unbounded<BalanceEvent.Low, Cause.Done>()
  const worker = yield* Stream.fromQueue(queue).pipe(
    Stream.runForEach((event) =>
      Effect.forEach(tellers, (tell) => tell(event), { concurrency: "unbounded", discard: true })
    ),
    Effect.forkScoped
  )
  return {
    send: (event) => Effect.asVoid(Queue.offer(queue, event)),
    settled: Effect.andThen(Queue.end(queue), Fiber.join(worker))
  }
})
