/** The books of a budget on Redis, for every machine that spends from one account. */
import * as Array from "effect/Array"
import * as Clock from "effect/Clock"
import { uuidV4Unsafe } from "effect/crypto/SecureRandom"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import type * as Redis from "effect/persistence/Redis"
import type * as Scope from "effect/Scope"
import { BudgetStoreError } from "../../BudgetStoreError.ts"
import * as connection from "../redis/connection.ts"
import { orStoreError } from "../redis/failure.ts"
import type { BudgetKeys } from "../redis/keys.ts"
import type { Limit, Stop } from "./limits.ts"
import { closedFor, learn, type NewBooks, unknown, type Why } from "./loss.ts"
import * as onlooker from "./onlooker.ts"
import * as replies from "./replies.ts"
import * as scripts from "./scripts.ts"
import type { Ask } from "./state.ts"
import { type BudgetStore, nobody } from "./store.ts"
import type { Mark } from "./tallies.ts"
import * as telemetry from "./telemetry.ts"
import { taker } from "./turnScript.ts"
import { type Units, units } from "./units.ts"
import * as windows from "./window.ts"

export interface Settings {
  readonly keys: BudgetKeys
  /** Milliseconds. */
  readonly lease: number
  /** Milliseconds. */
  readonly lag: number
  readonly newBooks: NewBooks
  /** The limits that this machine applies. */
  readonly limits: ReadonlyArray<Limit>
}

const longestAnswer = 1000
/** The most items in one script, because Redis does nothing else while it runs one. */
const perScript = 500

/** What this machine holds or waits for. */
interface Own extends Mark {
  readonly amount: Units
}

/**
 * Makes the store. Until its scope closes it renews the leases of its holds. It waits until the books are open, if
 * Redis can be reached.
 */
export const make = Effect.fnUntraced(function*(
  { keys, lag, lease, limits, newBooks }: Settings
): Effect.fn.Return<BudgetStore, never, Redis.Redis | Scope.Scope> {
  /** An answer that comes later than this is not used, because the lease may be nearly over. */
  const thirdOfLease = lease / 3
  const limit = Duration.millis(Math.min(longestAnswer, thirdOfLease))
  const redis = yield* connection.make({ use: "budget", limit, isClosed })
  const clock = yield* Clock.Clock
  const monotonic = () => Number(clock.monotonicTimeNanosUnsafe()) / 1_000_000

  /** The part of names and ids that is this layer's own: two layers in one process are two machines. */
  const machine = uuidV4Unsafe()
  let given = 0
  const unique = () => `${machine}.${given++}`

  const rules = { lease, lag }
  const span = closedFor(rules)
  const window = windows.make(span, monotonic)
  let known = unknown
  const active = new Map<string, Own>()
  const waiting = new Map<string, Own>()
  let listener = nobody

  /**
   * How late this machine is, by two clocks: one stands still while the machine is suspended, and the other may be set
   * back.
   */
  const lateness = () => {
    const [asked, askedAt] = [monotonic(), clock.currentTimeMillisUnsafe()]
    return () => Math.max(monotonic() - asked, clock.currentTimeMillisUnsafe() - askedAt) > thirdOfLease
  }

  const on: onlooker.On = (script) => {
    const run = redis.eval(script)
    return (...rest) => {
      const asked = Effect.suspend(() =>
        run({ keys, fresh: unique(), waited: window.waited(), known, newBooks, ...rules, closedFor: span }, ...rest)
      )
      return Effect.tap(orStoreError(asked, script.lua), ([open, name, seq]) =>
        Effect.sync(() => {
          known = learn(known, name, seq)
          window.heard(name, open === 1)
        }))
    }
  }
  const [named, applied] = [replies.named(limits), replies.applied(limits)]
  const toStop = replies.stopOf(limits)
  const begin = on(scripts.begin)
  const admit = on(scripts.admit)
  const settle = on(scripts.settle)
  const release = on(scripts.release)
  const renew = on(scripts.renew)

  const recovering = (why: Why) => {
    const left = window.left()
    return new BudgetStoreError({
      reason: "Recovering",
      message: `${because[why]}; no job is started until every machine has said what it holds`,
      ...left > 0 ? { retryAfter: Duration.millis(left) } : {}
    })
  }

  /**
   * Amounts are looked up when they are sent, so that a hold that was given up since the round began is not renewed.
   */
  const kept = (ids: ReadonlyArray<string>, among: ReadonlyMap<string, Own>) =>
    ids.flatMap((id) => {
      const own = among.get(id)
      return own === undefined ? [] : [id, own.amount, own.since, own.label ?? ""]
    })
  const forgetFreed = Effect.fnUntraced(function*(ids: ReadonlyArray<string>) {
    for (const id of ids) {
      if (!active.delete(id) && !waiting.delete(id)) continue
      yield* Effect.logWarning(`an operator has freed the hold ${id} of this program`)
      yield* Metric.update(telemetry.freedBy("holder"), 1)
    }
    yield* listener.freed(ids)
  })
  const renewSome = (held: ReadonlyArray<string>, inLine: ReadonlyArray<string>) =>
    Effect.suspend(() => {
      const [holds, places] = [kept(held, active), kept(inLine, waiting)]
      return holds.length + places.length === 0
        ? Effect.void
        : Effect.flatMap(renew(holds.length / 4, ...holds, ...places), (reply) => forgetFreed(reply[4]))
    })
  const renewAll = Effect.suspend(() =>
    Effect.andThen(
      Effect.forEach(Array.chunksOf([...active.keys()], perScript), (ids) => renewSome(ids, []), { discard: true }),
      Effect.forEach(Array.chunksOf([...waiting.keys()], perScript), (ids) => renewSome([], ids), { discard: true })
    )
  )

  const store: BudgetStore = {
    ...onlooker.books(on, limits),
    nextId: unique,
    listen: (to) => {
      listener = to
    },
    begin: Effect.flatMap(begin(...named), (reply) =>
      reply.length === 4
        ? Effect.fail(recovering(reply[3]))
        : Effect.succeed({ name: reply[1], seq: reply[2], at: reply[4] })),
    takeTurn: taker(on),
    // One reading may need several scripts: each finds the holds of the ones before on the books.
    admit: ({ asks, available, margin, ticket }) =>
      Effect.gen(function*() {
        const isLate = lateness()
        const admitted: Array<string> = []
        const short: Array<Units | Stop | undefined> = []
        let left: ReadonlyArray<Ask> = asks
        for (;;) {
          const some = left.slice(0, perScript)
          left = left.slice(perScript)
          const reply = yield* admit(
            machine,
            perScript,
            ticket.name,
            ticket.seq,
            ticket.at,
            available ?? "",
            margin,
            limits.length,
            ...applied,
            ...some.flatMap(({ cost, id, label, wait }) => [id, cost, label ?? "", wait ? 1 : 0])
          )
          if (reply.length === 4) return yield* recovering(reply[3])
          const [, , , , weighed, reserved, inLine, more, moved, taken, since, stops, byLabel, unexplained, span] =
            reply
          if (unexplained > 0) yield* listener.unexplained({ amount: units(unexplained), span })
          for (const id of moved) {
            const own = waiting.get(id)
            if (own !== undefined) active.set(id, { ...own, since })
            waiting.delete(id)
          }
          admitted.push(...moved)
          for (const [index, { cost, id, label, wait }] of some.entries()) {
            const before = taken[index] ?? -1
            const own = { amount: cost, label, since }
            waiting.delete(id)
            if (before === -1) active.set(id, own)
            else if (wait) waiting.set(id, own)
            short.push(typeof before === "string" ? toStop(before) : before === -1 ? undefined : units(before))
          }
          if (left.length === 0 && more === 0) {
            return {
              available: weighed === "" ? undefined : units(weighed),
              admitted,
              short,
              stops: stops.map(toStop),
              reserved: units(reserved),
              byLabel: replies.reservedOf(reserved, byLabel).byLabel,
              waiting: units(inLine),
              since,
              isLate
            }
          }
        }
      }),
    // A settled hold needs no renewal, even if Redis does not know of the settlement yet.
    settle: (id, amount, stated, { label = "", since }) =>
      Effect.suspend(() => {
        active.delete(id)
        return Effect.map(settle(id, amount, stated, since, label), (reply) => replies.reservedOf(reply[4], reply[5]))
      }),
    release: (ids) =>
      Effect.suspend(() => {
        for (const id of ids) {
          active.delete(id)
          waiting.delete(id)
        }
        return Effect.map(release(...ids), (reply) => replies.reservedOf(reply[4], reply[5]))
      })
  }

  yield* Effect.sleep(Duration.millis(thirdOfLease)).pipe(
    Effect.andThen(Effect.ignore(renewAll, { log: "Warn", message: "the leases of a budget could not be renewed" })),
    Effect.forever,
    Effect.forkScoped
  )
  yield* untilOpen(begin(...named), window)
  return store
})

type Look = Effect.Effect<scripts.Reply, BudgetStoreError>

/**
 * New books look like lost ones, so a layer waits until they are open: a fleet that starts on new books starts no job
 * before that. If the store cannot be reached the layer does not wait, and reservations fail with that error.
 */
const untilOpen = (look: Look, window: windows.Window): Effect.Effect<void> =>
  look.pipe(
    Effect.flatMap(([open, , , why]) => {
      if (open === 1) return Effect.void
      const left = Duration.millis(window.left())
      return Effect.logWarning(`${because[why]}: no reservation is admitted for ${Duration.format(left)}`).pipe(
        Effect.andThen(Effect.sleep(left)),
        Effect.andThen(untilOpen(look, window))
      )
    }),
    Effect.catchTag("BudgetStoreError", (error) => Effect.logWarning("the store of a budget could not be asked", error))
  )

const because: { readonly [_ in Why]: string } = {
  new: "the budget's books are new, or Redis has lost the old ones",
  server: "the Redis of a budget was restarted, or another server took over, and may have lost part of the books",
  older: "the Redis of a budget has older books than before"
}

/** Every script says whether the books are closed. */
const isClosed = (_: unknown, reply: unknown): boolean | undefined => Array.isArray(reply) ? reply[0] === 0 : undefined
