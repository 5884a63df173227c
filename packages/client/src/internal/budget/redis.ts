/** The books of a budget on Redis, for every machine that spends from one account. */
import * as Array from "effect/Array"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Redis from "effect/persistence/Redis"
import type * as Scope from "effect/Scope"
import { type PolloError, PolloServerError } from "../../PolloError.ts"
import * as connection from "../redis/connection.ts"
import * as scripts from "./scripts.ts"
import type { BudgetStore } from "./store.ts"

export interface Settings {
  readonly key: string
  /** Milliseconds. */
  readonly lease: number
  /** Milliseconds. */
  readonly lag: number
}

const longestAnswer = 1000
/** Redis does nothing else while it runs a script. */
const perScript = 500

/** Renews the leases of what it has admitted until its scope closes. */
export const make = Effect.fnUntraced(function*(
  { key, lag, lease }: Settings
): Effect.fn.Return<BudgetStore, never, Redis.Redis | Scope.Scope> {
  // An answer that comes after the lease is none.
  const limit = Duration.millis(Math.min(longestAnswer, lease / 3))
  const redis = yield* connection.make({ use: "budget", limit, isClosed })
  const begin = redis.eval(scripts.begin)
  const admit = redis.eval(scripts.admit)
  const settle = redis.eval(scripts.settle)
  const release = redis.eval(scripts.release)
  const renew = redis.eval(scripts.renew)
  const totals = redis.eval(scripts.totals)

  let epoch = ""
  const active = new Map<string, number>()
  const waiting = new Set<string>()

  const call = <A extends readonly [tag: "ok", epoch: string, ...ReadonlyArray<unknown>]>(
    operation: (common: scripts.Common) => Effect.Effect<A | scripts.Closed, Redis.RedisError>
  ): Effect.Effect<A, PolloError> =>
    Effect.suspend(() => operation({ key, known: epoch, lease, lag })).pipe(
      Effect.catchTag("RedisError", (error) =>
        Effect.andThen(Effect.logDebug("the Redis of a budget failed", error.cause), Effect.fail(unavailable))),
      Effect.flatMap((reply) => {
        epoch = reply[1]
        return saysClosed(reply) ? Effect.fail(recovering(reply[2])) : Effect.succeed(reply)
      })
    )

  const renewAll = Effect.suspend(() => {
    const ids = [...waiting]
    const first = Array.chunksOf(active, perScript)
    return Effect.andThen(
      Effect.forEach(first, (holds) => call((common) => renew(common, holds.length, ...holds.flat())), {
        discard: true
      }),
      Effect.forEach(Array.chunksOf(ids, perScript), (some) => call((common) => renew(common, 0, ...some)), {
        discard: true
      })
    )
  })
  yield* Effect.sleep(Duration.millis(lease / 3)).pipe(
    Effect.andThen(Effect.ignore(renewAll, { log: "Warn", message: "the leases of a budget could not be renewed" })),
    Effect.forever,
    Effect.forkScoped
  )

  return {
    begin: Effect.map(call(begin), ([, epoch, seq, at]) => ({ epoch, seq, at })),
    // One reading serves several scripts: what the first admits the next finds on the books.
    admit: ({ asks, available, margin, ticket }) =>
      Effect.map(
        Effect.forEach(Array.chunksOf(asks, perScript), (some) =>
          Effect.map(
            call((common) =>
              admit(
                common,
                ticket.epoch,
                ticket.seq,
                ticket.at,
                available ?? "",
                margin,
                ...some.flatMap(({ cost, id, wait }) => [id, cost, wait ? 1 : 0])
              )
            ),
            ([, , weighed, reserved, short]) => {
              some.forEach(({ cost, id, wait }, index) => {
                waiting.delete(id)
                if (short[index] === -1) active.set(id, cost)
                else if (wait) waiting.add(id)
              })
              return { weighed, reserved, short }
            }
          )),
        (decisions) => {
          const last = decisions.at(-1)
          return {
            available: last === undefined || last.weighed === "" ? undefined : last.weighed,
            reserved: last?.reserved ?? 0,
            short: decisions.flatMap(({ short }) => short.map((taken) => taken === -1 ? undefined : taken))
          }
        }
      ),
    // What is settled needs no lease, even when Redis has not heard of it.
    settle: (id, amount, stated) =>
      Effect.suspend(() => {
        active.delete(id)
        return Effect.map(call((common) => settle(common, id, amount, stated)), ([, , reserved]) => reserved)
      }),
    release: (ids) =>
      Effect.suspend(() => {
        for (const id of ids) {
          active.delete(id)
          waiting.delete(id)
        }
        return Effect.map(call((common) => release(common, ...ids)), ([, , reserved]) => reserved)
      }),
    totals: Effect.map(call(totals), ([, , available, reserved, waiting, reservations]) => ({
      available: available === "" ? undefined : available,
      reserved,
      waiting,
      reservations
    }))
  }
})

const saysClosed = (reply: ReadonlyArray<unknown>): reply is scripts.Closed => reply[0] === "closed"

/** Only these two scripts say whether the books are closed. */
const isClosed = (script: unknown, reply: unknown): boolean | undefined =>
  script === scripts.begin || script === scripts.admit ? Array.isArray(reply) && saysClosed(reply) : undefined

/** As for the vendor's own 503, asking again may help. No request of the vendor was involved. */
const unavailable = new PolloServerError({
  status: 503,
  code: "BUDGET_STORE_UNAVAILABLE",
  message: "the Redis that keeps the budget's books gave no answer, so no job is started",
  issues: [],
  attempts: 0
})

const recovering = (millis: number) =>
  new PolloServerError({
    status: 503,
    code: "BUDGET_STORE_RECOVERING",
    message: "Redis has lost the budget's books; no job is started until every machine has said what it holds",
    issues: [],
    attempts: 0,
    retryAfter: Duration.millis(millis)
  })
