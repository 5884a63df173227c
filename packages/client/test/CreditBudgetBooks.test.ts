import { NodeRedis } from "@effect/platform-node"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Redis } from "effect/persistence"
import * as fc from "fast-check"
import * as scripts from "../src/internal/budget/scripts.ts"
import * as books from "../src/internal/budget/state.ts"
import { type Books, type History, history, World } from "./support/budgetWorld.ts"
import { redisAvailable, type RedisServer, startRedis } from "./support/redisServer.ts"

const numRuns = Math.ceil(Number(process.env["POLLO_TEST_HISTORIES"] ?? 1000) / 10)

/** What the books say, in a form in which two can be compared. */
interface Page {
  readonly seq: number
  readonly reserved: number
  readonly reading: string | undefined
  readonly holds: ReadonlyArray<string>
}

/** An operation on the books in memory, with its result and the books afterwards, and the same one in Lua. */
interface Entry {
  readonly now: number
  readonly expected: unknown
  readonly page: Page
  readonly inLua: (redis: Redis.Redis["Service"]) => Effect.Effect<unknown, Redis.RedisError>
}

const pageOf = (state: books.State): Page => ({
  seq: state.seq,
  reserved: books.reserved(state),
  reading: state.reading && `${state.reading.seq} ${state.reading.at} ${state.reading.available}`,
  holds: Array.from(state.holds, ([id, hold]) => `hold:${id} ${hold.phase} ${hold.amount} ${hold.seq} ${hold.at}`)
    .toSorted()
})

/** As a list, which the command itself is under one version of the protocol alone. */
const readAll = Redis.script((key: string) => [key], {
  numberOfKeys: 1,
  lua: `return redis.call("HGETALL", KEYS[1])`
}).withReturnType<ReadonlyArray<string>>()

const readPage = Effect.fnUntraced(function*(redis: Redis.Redis["Service"], key: string) {
  const raw = yield* redis.eval(readAll)(key)
  const fields = new Map(raw.flatMap((name, index) => index % 2 === 0 ? [[name, raw[index + 1] ?? ""] as const] : []))
  const page: Page = {
    seq: Number(fields.get("seq")),
    reserved: Number(fields.get("reserved")),
    reading: fields.get("reading"),
    holds: Array.from(fields, (field) => field.join(" ")).filter((field) => field.startsWith("hold:")).toSorted()
  }
  return page
})

/** Plays a history on the books in memory. */
const record = (past: History, key: string): ReadonlyArray<Entry> => {
  const entries: Array<Entry> = []
  const common = { key, known: "", lease: past.rules.lease, lag: past.rules.lag }
  const keep = <A>(state: books.State, now: number, expected: A, inLua: Entry["inLua"]): A => {
    entries.push({ now, expected, page: pageOf(state), inLua })
    return expected
  }
  let epoch = ""
  const recorder: Books = {
    begin: (state, now) =>
      keep(state, now, books.begin(state, now), (redis) =>
        Effect.map(redis.eval(scripts.begin)(common), (reply) => {
          assert.strictEqual(reply[0], "ok")
          epoch = reply[1]
          return reply[0] === "ok" ? { seq: reply[2], at: reply[3] } : undefined
        })),
    admit: (state, now, rules, admission) =>
      keep(state, now, books.admit(state, now, rules, admission), (redis) => {
        const { asks, available, margin, ticket } = admission
        const admit = redis.eval(scripts.admit)(
          common,
          epoch,
          ticket.seq,
          ticket.at,
          available ?? "",
          margin,
          ...asks.flatMap(({ cost, id, wait }) => [id, cost, wait ? 1 : 0])
        )
        return Effect.map(admit, (reply) =>
          reply[0] === "ok"
            ? {
              available: reply[2] === "" ? undefined : reply[2],
              reserved: reply[3],
              short: reply[4].map((taken) => taken === -1 ? undefined : taken)
            }
            : reply)
      }),
    settle: (state, now, id, amount, stated) =>
      keep(
        state,
        now,
        books.settle(state, now, id, amount, stated),
        (redis) => Effect.map(redis.eval(scripts.settle)(common, id, amount, stated), (reply) => reply[2])
      ),
    release: (state, now, ids) =>
      keep(
        state,
        now,
        books.release(state, now, ids),
        (redis) => Effect.map(redis.eval(scripts.release)(common, ...ids), (reply) => reply[2])
      ),
    renew: (state, now, rules, active, waiting) =>
      keep(state, now, books.renew(state, now, rules, active, waiting), (redis) =>
        Effect.asVoid(
          redis.eval(scripts.renew)(
            common,
            active.length,
            ...active.flatMap(({ amount, id }) => [id, amount]),
            ...waiting
          )
        ))
  }
  const world = new World(past, past.rules.lag, recorder)
  for (const step of past.steps) world.run(step)
  world.settleDown()
  return entries
}

describe.skipIf(!redisAvailable)("the books on Redis (needs redis-server on the PATH)", () => {
  let server: RedisServer
  beforeAll(async () => {
    server = await startRedis()
  })
  afterAll(() => server[Symbol.asyncDispose]())

  it(`say what the books in memory say after every step of ${numRuns} histories`, async () => {
    const program = Effect.gen(function*() {
      const redis = yield* Redis.Redis
      let count = 0
      const replay = Effect.fnUntraced(function*(past: History) {
        const key = `books:${count++}`
        for (const { expected, inLua, now, page } of record(past, key)) {
          // The scripts never let the time go back, so a time later than Redis's own is theirs.
          yield* redis.send("HSET", key, "now", String(now))
          assert.deepEqual(yield* inLua(redis), expected)
          assert.deepEqual(yield* readPage(redis, key), page)
        }
      })
      yield* Effect.promise(() =>
        fc.assert(fc.asyncProperty(history, (past) => Effect.runPromise(replay(past))), { numRuns })
      )
    })
    await Effect.runPromise(program.pipe(Effect.provide(NodeRedis.layer({ url: server.url }))))
  }, 3_600_000)
})
