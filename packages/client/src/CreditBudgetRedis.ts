/**
 * One budget for many machines, on the `Redis` of `effect/persistence`.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Redis from "effect/persistence/Redis"
import type * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import { CreditBudget } from "./CreditBudget.ts"
import type * as model from "./CreditReservation.ts"
import { account, accountId } from "./internal/redis/accountId.ts"
import * as budget from "./internal/budget/budget.ts"
import * as onlooker from "./internal/budget/onlooker.ts"
import * as operators from "./internal/budget/operator.ts"
import * as store from "./internal/budget/redis.ts"
import * as settings from "./internal/budget/settings.ts"
import * as check from "./internal/options.ts"
import * as keys from "./internal/redis/keys.ts"
import type { PolloConfigError } from "./PolloConfigError.ts"
import { PolloCredits } from "./PolloCredits.ts"

/**
 * @since 0.1.0
 */
export declare namespace CreditBudgetRedis {
  /**
   * What a shared budget is built from. Except for `limits`, the options must be the same on every machine.
   *
   * @category models
   * @since 0.1.0
   */
  export interface Options extends CreditBudget.Options {
    /**
     * The name of the account, which tells it from others on the same Redis: a name of your own, or the API key. Redis
     * sees only its SHA-256.
     */
    readonly account: string | Redacted.Redacted<string>
    /**
     * How long a hold lives after its last renewal. A machine renews its holds every third of this time. After Redis
     * may have lost the books no job is admitted for twice this time, and a machine must not be silent for that long.
     *
     * @default "30 seconds"
     */
    readonly lease?: Duration.Input | undefined
    /**
     * The beginning of the names of all keys in Redis, such as `"shop:"` for an ACL that allows only `shop:*`. It must
     * be the same on every machine. A `keyPrefix` of the Redis client has no effect.
     *
     * @default ""
     */
    readonly prefix?: string | undefined
    /**
     * What a machine that has just started does when Redis has no books of this account. They may be new or lost, and
     * Redis does not know which. With `"closed"` no job is admitted for two leases and `chargeLag`, and the layer waits
     * for that. With `"open"` jobs are admitted at once: use it only for tests and a first installation, because with
     * lost books it leads to overspending.
     *
     * @default "closed"
     */
    readonly newBooks?: "closed" | "open" | undefined
  }

  /**
   * Which books an operator looks at. `Options` describes both fields.
   *
   * @category models
   * @since 0.1.0
   */
  export type OperatorOptions = Pick<Options, "account" | "prefix">

  /**
   * What an operator can see and do.
   *
   * @category models
   * @since 0.1.0
   */
  export type Operator = model.Operator
}

const whose = { account, prefix: check.withDefault(keys.prefix, "") }
const operatorFields = check.options(whose)
const fields = check.options({
  ...whose,
  lease: check.withDefault(check.positiveMillis, 30_000),
  newBooks: check.withDefault(check.oneOf("closed", "open"), "closed")
})

const make = (
  options: CreditBudgetRedis.Options
): Effect.Effect<CreditBudget["Service"], PolloConfigError, PolloCredits | Redis.Redis | Scope.Scope> =>
  Effect.gen(function*() {
    const { account, lease, newBooks, prefix } = yield* Effect.fromResult(fields(options))
    const checked = yield* Effect.fromResult(settings.validate(options))
    const { getBalance } = yield* PolloCredits
    const books = yield* store.make({
      keys: keys.budgetKeys(prefix, yield* accountId(account)),
      lease,
      lag: checked.chargeLag,
      limits: checked.limits,
      newBooks
    })
    return yield* budget.make(books, getBalance, checked)
  })

const operator = (
  options: CreditBudgetRedis.OperatorOptions
): Effect.Effect<CreditBudgetRedis.Operator, PolloConfigError, Redis.Redis | Scope.Scope> =>
  Effect.gen(function*() {
    const { account, prefix } = yield* Effect.fromResult(operatorFields(options))
    return operators.make(yield* onlooker.make(keys.budgetKeys(prefix, yield* accountId(account))))
  })

/**
 * The `CreditBudget` of a fleet.
 *
 * **Details**
 *
 * `layer` provides the same service as `CreditBudget.layer`, and all that is said there holds for all machines with the
 * same `account` together, with these additions:
 *
 * - Each machine takes readings of its own, one at a time. The line is one for all machines; a machine's place in it is
 *   taken when its first reading has come, and each is admitted by its own next poll.
 * - Every operation is one atomic script. A reservation costs two round trips, which reservations with the same
 *   reading share. A settlement costs one, and a machine with jobs one for each third of the lease. A script takes
 *   Redis about 70 microseconds, with 10,000 open reservations as with 10.
 * - A machine that dies leaves its holds behind, because its jobs may have been charged. A reservation of another
 *   machine notices that their lease is over; the holds go with a reading that is requested one lease (plus
 *   `chargeLag`) after that. The places of the dead machine in the line go as soon as their lease is over.
 * - When Redis cannot be asked no job starts, also with `onUnreadable: "allow"`: the error is a `BudgetStoreError`,
 *   whose
 *   `reason` is `Unavailable` (no answer in a second or a third of the lease, or a refusal that passes), `Denied` (it
 *   refuses a command, and the message says which) or `Recovering` (below). A waiting reservation outlives all but
 *   `Denied`. Jobs that run go on, and their outcome is theirs; a settlement that Redis did not take leaves the hold to
 *   its lease.
 *
 * **Lost books.** The books note the server that they were last used on: its `run_id` and its `master_replid`. After a
 * restart, a failover or a failover and back one of them is different, and the latest part of the books may be missing.
 * The same is true if there are no books. Then no job is admitted for two leases and `chargeLag` (`Recovering`, with
 * `retryAfter`), while every machine reports its holds; each machine measures that time by its own clock. So **every
 * failover and every restart of Redis pauses admissions for a minute** with the default lease. A layer that is built
 * meanwhile waits for the end of it, and logs why. Books of a program with version 0.1.0 are taken over in the same
 * way, and both versions can share them from then on.
 *
 * **Limits.** The totals are shared, and each machine applies its own `limits` to them, so a new version of a program
 * can bring others. Periods go by Redis's clock. Totals are kept for every limit that any machine has named, for the
 * latest 32 periods that have any. A job whose machine died counts as spent. A limit that is named in mid-period, and
 * every limit after a loss, is `incomplete` until its period ends.
 *
 * **Promised**: what `CreditBudget` promises, for all machines of the account together, as long as one Redis at a time
 * takes writes for it and no machine is silent (paused, cut off, reconnecting) for two leases or longer while a job of
 * it runs. A restart from an older snapshot, a replica that lagged, `FLUSHALL` and an eviction are covered. Every order
 * of such faults was searched with two and three machines and up to five faults.
 *
 * **Not promised**:
 *
 * - Split brain, that is two servers that take writes at the same time. `min-replicas-to-write 1` and two replicas make
 *   the time short in which an old master does so; give the whole fleet one address, or Sentinels, to follow.
 * - A machine that is silent for two leases: others may have been admitted to its credits. Its hold is restored by its
 *   next sign of life, but no lock can stop a job that runs. A longer `lease` allows a longer silence.
 * - A clock of Redis that jumps ahead by more than `chargeLag` has to spare, or twice between two renewals. One that
 *   goes
 *   back is harmless.
 * - A backup that is restored by hand on a server that goes on. It is noticed only when a machine asks that has seen
 *   more.
 * - Anything after `newBooks: "open"` has met lost books.
 * - Limits in a period in which the books were lost.
 *
 * **Set up Redis** with `maxmemory-policy noeviction` and `appendonly yes`: without them the promise holds, but the
 * books are lost more often and each time is a pause. It must be version 5 or later, and an ACL must allow `EVALSHA`,
 * `SCRIPT LOAD`, `INFO`, `TIME`, `DEL` and the commands on hashes and sorted sets. Redis holds credits, times and the
 * hash of the account's name, in one hash at `<prefix>pollo-budget:<hash>` and five sorted sets at
 * `<prefix>pollo-budget-…:{<prefix>pollo-budget:<hash>}`, all in one slot of a cluster.
 *
 * **Example** (Ten machines, one balance)
 *
 * ```ts
 * import { PolloCredits } from "@effect-pollo/client"
 * import { CreditBudget } from "@effect-pollo/client/CreditBudget"
 * import { CreditBudgetRedis } from "@effect-pollo/client/CreditBudgetRedis"
 * import { NodeRedis } from "@effect/platform-node"
 * import { Effect, Layer } from "effect"
 * import { FetchHttpClient } from "effect/http"
 *
 * const BudgetLive = CreditBudgetRedis.layer({ account: "production", safetyMargin: 100 }).pipe(
 *   Layer.provide(PolloCredits.layerConfig()),
 *   Layer.provide([FetchHttpClient.layer, NodeRedis.layer({ url: "redis://127.0.0.1:6379" })])
 * )
 *
 * export const main = CreditBudget.withReservation(30)(Effect.log("rendering")).pipe(Effect.provide(BudgetLive))
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const CreditBudgetRedis: {
  /**
   * A budget that shares its books with every other one of the same `account` on this Redis, for as long as the scope
   * is open.
   *
   * **Details**
   *
   * Fails with `PolloConfigError`, which names the option, when a budget cannot be built from the options.
   */
  readonly make: (
    options: CreditBudgetRedis.Options
  ) => Effect.Effect<CreditBudget["Service"], PolloConfigError, PolloCredits | Redis.Redis | Scope.Scope>
  /**
   * A budget that shares its books with every other one of the same `account` on this Redis.
   *
   * **Details**
   *
   * Fails with `PolloConfigError`, which names the option, when a budget cannot be built from the options.
   */
  readonly layer: (
    options: CreditBudgetRedis.Options
  ) => Layer.Layer<CreditBudget, PolloConfigError, PolloCredits | Redis.Redis>
  /**
   * The books of an account for somebody who looks at them and spends nothing: `status`, `holds` and `free`, for as
   * long as the scope is open. It needs no client, waits for no window, and leaves new or lost books to the machines.
   *
   * **Details**
   *
   * A look reads all holds in one script, which takes Redis about 3 milliseconds for each 1,000 of them. Fails with
   * `PolloConfigError`, which names the option; each call with `BudgetStoreError` when Redis cannot be asked.
   *
   * **Example** (Free what dead machines have left behind, before its time)
   *
   * ```ts
   * import { CreditBudgetRedis } from "@effect-pollo/client/CreditBudgetRedis"
   * import { NodeRedis } from "@effect/platform-node"
   * import { Effect } from "effect"
   *
   * export const tidy = Effect.gen(function*() {
   *   const books = yield* CreditBudgetRedis.operator({ account: "production" })
   *   const lost = (yield* books.holds).filter(({ phase }) => phase === "lost")
   *   yield* Effect.forEach(lost, ({ id }) => books.free(id))
   * }).pipe(Effect.scoped, Effect.provide(NodeRedis.layer({ url: "redis://127.0.0.1:6379" })))
   * ```
   */
  readonly operator: (
    options: CreditBudgetRedis.OperatorOptions
  ) => Effect.Effect<CreditBudgetRedis.Operator, PolloConfigError, Redis.Redis | Scope.Scope>
} = { make, layer: (options) => Layer.effect(CreditBudget, make(options)), operator }
