/**
 * The `Redis` of the context, as budgets and the cache of a fleet use it: with time limits, and with a report of its
 * health.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Redis from "effect/persistence/Redis"
import type * as Scope from "effect/Scope"
import { classify, noAnswer } from "./failure.ts"
import * as health from "./health.ts"
import * as nodeRedis from "./nodeRedis.ts"

export interface Options {
  readonly use: health.Use
  /** How long a command waits for its answer. */
  readonly limit: Duration.Duration
  /** For how long after a command without an answer the next commands fail at once. */
  readonly pause?: Duration.Duration
  /** Whether the answer of a script or command says that the books are closed; `undefined` if it does not say. */
  readonly isClosed?: (operation: unknown, reply: unknown) => boolean | undefined
}

/**
 * While a command that was given up has no answer yet, the next commands wait together no longer than this, in
 * milliseconds.
 */
const impatience = 30
/** The most commands that a client without a connection may queue. */
const mostOwed = 100
const reconnectEvery = 1_000_000_000n

/**
 * A command that is given up still runs, because a sent command cannot be cancelled. `owed` holds the commands that
 * have no answer yet.
 */
export const make = Effect.fnUntraced(function*(
  { isClosed = () => undefined, limit, pause = Duration.zero, use }: Options
): Effect.fn.Return<Redis.Redis["Service"], never, Redis.Redis | Scope.Scope> {
  const redis = yield* Redis.Redis
  const client = yield* nodeRedis.find
  const { answered, failed } = health.make(use)
  const owed = new Set<unknown>()
  const givenUp = new Set<unknown>()
  let pausedUntil = 0n
  let reconnectedAt = -reconnectEvery

  if (client !== undefined) {
    yield* Effect.addFinalizer(() => Effect.sync(() => nodeRedis.endWithoutAnswers(client, () => owed.size > 0)))
  }

  const leaveReplica = Clock.clockWith((clock) => {
    const now = clock.monotonicTimeNanosUnsafe()
    if (client === undefined || now - reconnectedAt < reconnectEvery) return Effect.void
    reconnectedAt = now
    return Effect.asVoid(Effect.forkDetach(nodeRedis.reconnect(client)))
  })

  const silent = new Redis.RedisError({ cause: noAnswer })

  const bound = <A>(
    operation: unknown,
    command: Effect.Effect<A, Redis.RedisError>,
    lua?: string
  ): Effect.Effect<A, Redis.RedisError> =>
    Clock.clockWith((clock) => {
      if (clock.monotonicTimeNanosUnsafe() < pausedUntil || givenUp.size >= mostOwed) return Effect.fail(silent)
      const patience = givenUp.size === 0 ? limit : Duration.min(limit, Duration.millis(impatience / givenUp.size))
      return Effect.forkDetach(command, { startImmediately: true }).pipe(
        Effect.flatMap((fiber) => {
          owed.add(fiber)
          fiber.addObserver(() => {
            owed.delete(fiber)
            givenUp.delete(fiber)
          })
          return Fiber.join(fiber).pipe(
            Effect.timeoutOrElse({
              duration: patience,
              orElse: () => {
                if (owed.has(fiber)) givenUp.add(fiber)
                pausedUntil = clock.monotonicTimeNanosUnsafe() + Duration.toNanosUnsafe(pause)
                return Effect.fail(silent)
              }
            })
          )
        })
      )
    }).pipe(
      Effect.tap((reply) => answered(operation, isClosed(operation, reply))),
      Effect.tapError((error) => {
        const failure = classify(error, lua)
        return Effect.andThen(failed(operation, failure), failure.code === "READONLY" ? leaveReplica : Effect.void)
      })
    )

  return {
    ...redis,
    send: (command, ...args) => bound(command, redis.send(command, ...args)),
    eval: (script) => {
      const run = redis.eval(script)
      return (...params) => bound(script, run(...params), script.lua)
    }
  }
})
