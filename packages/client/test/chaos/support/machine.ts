/** A machine of the fleet within the test: a budget layer of its own, on a Redis client of its own. */
import { CreditBudget } from "@effect-pollo/client/CreditBudget"
import { CreditBudgetRedis } from "@effect-pollo/client/CreditBudgetRedis"
import { PolloCreditsTest } from "@effect-pollo/client/testing"
import { NodeRedis } from "@effect/platform-node"
import { Cause, Effect, Exit, Fiber, Layer, Logger, ManagedRuntime, Result } from "effect"
import type { Trial } from "./trial.ts"

/** Short, so that a trial takes seconds; a third of it is still long for a busy machine to answer in. */
export const lease = 1200

export interface Hold {
  /** Ends the job, without a charge. */
  readonly release: () => Promise<void>
}

export interface Machine {
  /** Resolves once the layer is built. */
  readonly ready: () => Promise<unknown>
  /** `ran`, or why not: the tag of the error, and for one of the store its reason and code. */
  readonly ask: (credits: number) => Promise<string>
  /** Starts a job that runs until it is released. Fails when it is not admitted. */
  readonly hold: (credits: number) => Promise<Hold>
  readonly status: () => Promise<CreditBudget.Status>
  readonly dispose: () => Promise<void>
}

export const machine = (
  trial: Trial,
  url: string,
  options: Partial<CreditBudgetRedis.Options> = {},
  redis = NodeRedis.layer({ url })
): Machine => {
  const runtime = ManagedRuntime.make(
    CreditBudgetRedis.layer({ account: "a", lease, newBooks: "open", ...options }).pipe(
      Layer.provide([PolloCreditsTest.layer(() => trial.balance), redis]),
      Layer.provideMerge(Logger.layer([]))
    )
  )
  trial.defer(() => runtime.dispose())
  const job = <A>(credits: number, during: Effect.Effect<A>) =>
    CreditBudget.withReservation(credits)(
      Effect.acquireUseRelease(
        Effect.sync(() => trial.started(credits)),
        () => during,
        (ended) => Effect.sync(ended)
      )
    )
  const status = () => runtime.runPromise(Effect.retry(CreditBudget.status, { times: 5 }))
  /** The hold, or why there is none. */
  const hold = async (credits: number): Promise<Hold | string> => {
    const begun = Promise.withResolvers<string>()
    const fiber = runtime.runFork(job(credits, Effect.andThen(Effect.sync(() => begun.resolve("")), Effect.never)))
    fiber.addObserver((exit) => begun.resolve(why(exit)))
    const ended = await begun.promise
    return ended === "" ? { release: () => Effect.runPromise(Fiber.interrupt(fiber)) } : ended
  }
  return {
    ready: status,
    status,
    dispose: () => runtime.dispose(),
    ask: async (credits) => why(await runtime.runPromiseExit(job(credits, Effect.void))),
    hold: async (credits) => {
      for (let attempt = 1;; attempt++) {
        const held = await hold(credits)
        if (typeof held !== "string") return held
        // The machine that runs the tests was busy for a third of a lease.
        if (attempt === 5 || !/no answer|too late/.test(held)) throw new Error(`the job ended: ${held}`)
      }
    }
  }
}

const why = (exit: Exit.Exit<unknown, unknown>): string => {
  if (Exit.isSuccess(exit)) return "ran"
  const error: unknown = Result.getOrElse(Cause.findError(exit.cause), () => Cause.squash(exit.cause))
  if (typeof error !== "object" || error === null || !("_tag" in error)) return String(error)
  const told = ["reason", "code", "message"].flatMap((field) =>
    error._tag === "BudgetStoreError" ? [String(Reflect.get(error, field))] : []
  )
  return [String(error._tag), ...told].join(" ")
}
