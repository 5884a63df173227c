import { CreditBudget } from "@effect-pollo/client/CreditBudget"
import { CreditBudgetRedis } from "@effect-pollo/client/CreditBudgetRedis"
import { PolloCreditsTest } from "@effect-pollo/client/testing"
import { NodeRedis } from "@effect/platform-node"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { Clock, Effect, Fiber, Layer, Logger, Scope } from "effect"
import { Redis } from "effect/persistence"
import { TestClock } from "effect/testing"
import * as scripts from "../../src/internal/budget/scripts.ts"
import { redisAvailable, type RedisServer, startRedis } from "../support/redisServer.ts"

describe.skipIf(!redisAvailable)("a machine and its leases (needs redis-server on the PATH)", () => {
  let server: RedisServer
  beforeAll(async () => {
    server = await startRedis()
  })
  afterAll(() => server[Symbol.asyncDispose]())

  /** A machine that does something before one of its scripts is sent, or after its answer has come. */
  const machine = (
    options: CreditBudgetRedis.Options,
    around: (script: unknown, run: Effect.Effect<never, Redis.RedisError>) => Effect.Effect<never, Redis.RedisError> = (
      _,
      run
    ) => run
  ) => {
    const redis = Layer.effect(
      Redis.Redis,
      Effect.map(Redis.Redis, (redis) => {
        const wrapped: Redis.Redis["Service"] = {
          ...redis,
          eval: (script) => (...params) =>
            around(script, redis.eval(script)(...params) as Effect.Effect<never, Redis.RedisError>)
        }
        return wrapped
      })
    ).pipe(Layer.provide(NodeRedis.layer({ url: server.url })))
    return Effect.flatMap(
      Layer.build(
        CreditBudgetRedis.layer({ newBooks: "open", lease: "9 seconds", ...options }).pipe(Layer.provide(redis))
      ),
      (context) => Effect.provide(CreditBudget, context)
    )
  }
  const live = TestClock.withLive(Effect.sleep("5 millis"))
  const until = <E, R>(condition: Effect.Effect<boolean, E, R>): Effect.Effect<void, E, R> =>
    Effect.flatMap(condition, (met) => met ? Effect.void : Effect.andThen(live, until(condition)))

  it.effect("does not bring back what is released while its renewal goes on in several scripts", () =>
    Effect.gen(function*() {
      const held: Array<CreditBudget.Reservation> = []
      let renewals = 0
      const budget = yield* machine({ account: "many" }, (script, run) =>
        script === scripts.renew && ++renewals === 1
          ? Effect.andThen(Effect.forEach(held.slice(-50), ({ release }) => release, { discard: true }), run)
          : run)
      const scope = yield* Scope.make()
      const reserve = Scope.provide(budget.reserve(1), scope)
      held.push(...yield* Effect.all(Array.from({ length: 600 }, () => reserve), { concurrency: "unbounded" }))
      assert.strictEqual((yield* budget.status).reservations, 600)
      yield* TestClock.adjust("3 seconds")
      yield* until(Effect.sync(() => renewals === 2))
      yield* live
      assert.strictEqual((yield* budget.status).reservations, 550)
    }).pipe(Effect.provide(PolloCreditsTest.layer(1000))))

  it.effect("starts no job when the machine stood still until the lease was a third over", () =>
    Effect.gen(function*() {
      const clock = yield* Clock.Clock
      let stoodStill = 0n
      const suspended: Clock.Clock = Object.assign(Object.create(clock), {
        monotonicTimeNanosUnsafe: () => clock.monotonicTimeNanosUnsafe() + stoodStill
      })
      const budget = yield* machine({ account: "late" }, (script, run) =>
        Effect.tap(run, () =>
          Effect.sync(() => {
            if (script === scripts.admit) stoodStill = 3_000_000_001n
          }))).pipe(Effect.provideService(Clock.Clock, suspended))
      const told = yield* Effect.flip(budget.withReservation(1)(Effect.die("ran")))
      assert.deepInclude(told, { _tag: "BudgetStoreError", reason: "Unavailable" })
      assert.strictEqual((yield* budget.status).reservations, 0)
    }).pipe(Effect.scoped, Effect.provide(PolloCreditsTest.layer(1000))))

  it.effect("waits the window of new books out before its layer is built, and says why", () => {
    const messages: Array<string> = []
    return Effect.gen(function*() {
      const building = yield* Effect.forkChild(machine({ account: "new", newBooks: "closed", chargeLag: "2 seconds" }))
      yield* until(Effect.sync(() => messages.some((message) => /books are new, or .* 20s/.test(message))))
      yield* TestClock.adjust("19999 millis")
      yield* live
      assert.isUndefined(building.pollUnsafe())
      yield* TestClock.adjust("1 millis")
      const budget = yield* Fiber.join(building)
      assert.strictEqual(yield* budget.withReservation(1)(Effect.succeed("ran")), "ran")
      // A machine that comes to open books does not wait.
      const other = yield* machine({ account: "new", newBooks: "closed", chargeLag: "2 seconds" })
      assert.strictEqual(yield* other.withReservation(1)(Effect.succeed("ran")), "ran")
    }).pipe(
      Effect.scoped,
      Effect.provide(PolloCreditsTest.layer(1000)),
      Effect.provide(Logger.layer([Logger.make(({ message }) => void messages.push(String(message)))]))
    )
  })
})
