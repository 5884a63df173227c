import { NodeRedis } from "@effect/platform-node"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Redis } from "effect/persistence"
import * as fc from "fast-check"
import { closedFor, unknown } from "../../src/internal/budget/loss.ts"
import type { Common } from "../../src/internal/budget/prelude.ts"
import * as current from "../../src/internal/budget/scripts.ts"
import { budgetKeys } from "../../src/internal/redis/keys.ts"
import { redisAvailable, type RedisServer, startRedis } from "../support/redisServer.ts"
import * as before from "../support/scripts010.ts"

const rules = { lease: 30_000, lag: 0 }

interface Machine {
  /** Whether a job of that cost was admitted, by a reading of the given balance; nothing when the books are closed. */
  readonly ask: (id: string, cost: number, balance: number) => Effect.Effect<boolean | undefined, Redis.RedisError>
  readonly settle: (id: string, cost: number) => Effect.Effect<unknown, Redis.RedisError>
  readonly release: (id: string) => Effect.Effect<unknown, Redis.RedisError>
  readonly renew: (id: string, cost: number) => Effect.Effect<unknown, Redis.RedisError>
  readonly reserved: Effect.Effect<number, Redis.RedisError>
}

const oldMachine = (redis: Redis.Redis["Service"], account: string): Machine => {
  let known = ""
  const common = () => ({ key: budgetKeys("", account)[0], known, ...rules })
  return {
    ask: Effect.fnUntraced(function*(id, cost, balance) {
      const ticket = yield* redis.eval(before.begin)(common())
      known = ticket[1]
      if (ticket[0] === "closed") return undefined
      const reply = yield* redis.eval(before.admit)(common(), known, ticket[2], ticket[3], balance, 0, id, cost, 0)
      return reply[0] === "closed" ? undefined : reply[4][0] === -1
    }),
    settle: (id, cost) => redis.eval(before.settle)(common(), id, cost, 0),
    release: (id) => redis.eval(before.release)(common(), id),
    renew: (id, cost) => redis.eval(before.renew)(common(), 1, id, cost),
    reserved: Effect.map(redis.eval(before.totals)(common()), (reply) => reply[3])
  }
}

const newMachine = (redis: Redis.Redis["Service"], account: string, name: string): Machine => {
  let given = 0
  const common = (): Common => ({
    keys: budgetKeys("", account),
    fresh: `${name}.${given++}`,
    waited: "",
    known: unknown,
    newBooks: "open",
    ...rules,
    closedFor: closedFor(rules)
  })
  return {
    ask: Effect.fnUntraced(function*(id, cost, balance) {
      const ticket = yield* redis.eval(current.begin)(common())
      if (ticket.length === 4) return undefined
      const [, book, seq, , at] = ticket
      const reply = yield* redis.eval(current.admit)(common(), name, 9, book, seq, at, balance, 0, 0, id, cost, "", 0)
      return reply.length === 4 ? undefined : reply[9][0] === -1
    }),
    settle: (id, cost) => redis.eval(current.settle)(common(), id, cost, 0, 0, ""),
    release: (id) => redis.eval(current.release)(common(), id),
    renew: (id, cost) => redis.eval(current.renew)(common(), 1, id, cost, 0, ""),
    reserved: Effect.map(redis.eval(current.totals)(common()), (reply) => reply[5])
  }
}

const step = fc.record({
  machine: fc.nat(3),
  does: fc.constantFrom("asks", "asks", "settles", "releases", "renews"),
  cost: fc.integer({ min: 1, max: 60 }),
  pick: fc.nat(100)
})

describe.skipIf(!redisAvailable)("machines of version 0.1.0 and of this one (needs redis-server on the PATH)", () => {
  let server: RedisServer
  beforeAll(async () => {
    server = await startRedis()
  })
  afterAll(() => server[Symbol.asyncDispose]())

  const run = <A, E>(program: Effect.Effect<A, E, Redis.Redis>) =>
    Effect.runPromise(Effect.provide(program, NodeRedis.layer({ url: server.url })))

  for (const first of ["old", "new"] as const) {
    it(`admit no more than there is, with the ${first} one first`, () =>
      run(Effect.gen(function*() {
        const redis = yield* Redis.Redis
        const [one, other] = first === "old"
          ? [oldMachine(redis, first), newMachine(redis, first, "b")]
          : [newMachine(redis, first, "a"), oldMachine(redis, first)]
        assert.isTrue(yield* one.ask("a.1", 60, 100))
        assert.isFalse(yield* other.ask("b.1", 60, 100))
        assert.isTrue(yield* other.ask("b.2", 40, 100))
        assert.isFalse(yield* one.ask("a.2", 1, 100))
        yield* other.release("b.2")
        assert.isTrue(yield* one.ask("a.3", 40, 100))
        assert.strictEqual(yield* other.reserved, 100)
      })), 20_000)
  }

  it(
    "close the books of the old one for a window, unless a first installation is spoken of",
    () =>
      run(Effect.gen(function*() {
        const redis = yield* Redis.Redis
        const old = oldMachine(redis, "closed")
        assert.isTrue(yield* old.ask("a.1", 60, 100))
        const closed = { keys: budgetKeys("", "closed"), fresh: "new", waited: "", known: unknown } as const
        const reply = yield* redis.eval(current.begin)({
          ...closed,
          newBooks: "closed",
          ...rules,
          closedFor: closedFor(rules)
        })
        assert.deepEqual([reply.length, reply[0], reply[3]], [4, 0, "new"])
        assert.isUndefined(yield* old.ask("a.2", 40, 100), "the old one is held up as well")
        yield* redis.eval(current.begin)({
          ...closed,
          waited: "new",
          newBooks: "closed",
          ...rules,
          closedFor: closedFor(rules)
        })
        assert.isFalse(yield* old.ask("a.3", 41, 100))
        assert.isTrue(yield* old.ask("a.4", 40, 100))
      })),
    20_000
  )

  it("never hold more than the balance together, in any order of moves", async () => {
    let count = 0
    const histories = fc.asyncProperty(
      fc.array(step, { maxLength: 40, size: "max" }),
      (steps) =>
        run(Effect.gen(function*() {
          const redis = yield* Redis.Redis
          const account = `mixed ${count++}`
          const machines = [
            oldMachine(redis, account),
            newMachine(redis, account, "b"),
            oldMachine(redis, account),
            newMachine(redis, account, "d")
          ]
          const jobs = new Map<string, { readonly cost: number; readonly of: number }>()
          let balance = 100
          for (const [number, { cost, does, machine, pick }] of steps.entries()) {
            const at = machines[machine] ?? assert.fail()
            if (does === "asks") {
              const held = Array.from(jobs.values()).reduce((sum, { cost }) => sum + cost, 0)
              const id = `${"abcd"[machine]}.${number}`
              const admitted = yield* at.ask(id, cost, balance)
              assert.strictEqual(admitted, held + cost <= balance)
              if (admitted === true) jobs.set(id, { cost, of: machine })
              continue
            }
            const [id, job] = [...jobs].filter(([, { of }]) => of === machine)[pick % Math.max(1, jobs.size)] ?? []
            if (id === undefined || job === undefined) continue
            if (does === "renews") yield* at.renew(id, job.cost)
            else {
              jobs.delete(id)
              if (does === "releases") yield* at.release(id)
              else {
                balance -= job.cost
                yield* at.settle(id, job.cost)
              }
            }
          }
        }))
    )
    await fc.assert(histories, { numRuns: Math.ceil(Number(process.env["POLLO_TEST_HISTORIES"] ?? 500) / 10) })
  }, 3_600_000)
})
