import { NodeRedis } from "@effect/platform-node"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Redis } from "effect/persistence"
import * as fc from "fast-check"
import { free, freedFor, type State } from "../../src/internal/budget/holds.ts"
import { type Caller, closedFor, enter } from "../../src/internal/budget/loss.ts"
import type { Common } from "../../src/internal/budget/prelude.ts"
import { applied, named, reservedOf, stopOf } from "../../src/internal/budget/replies.ts"
import { budgetKeys } from "../../src/internal/redis/keys.ts"
import * as operatorScripts from "../../src/internal/budget/operatorScripts.ts"
import * as scripts from "../../src/internal/budget/scripts.ts"
import type { Trail } from "../../src/internal/budget/trail.ts"
import * as books from "../../src/internal/budget/state.ts"
import { disturbed, type History, history } from "../support/budgetHistory.ts"
import { type Books, World } from "../support/budgetWorld.ts"
import { redisAvailable, type RedisServer, startRedis } from "../support/redisServer.ts"

const numRuns = Math.ceil(Number(process.env["POLLO_TEST_HISTORIES"] ?? 1000) / 10)

/** What the books say, in a form in which two can be compared. */
interface Page {
  readonly identity: ReadonlyArray<unknown>
  readonly totals: ReadonlyArray<number>
  readonly reading: string | undefined
  readonly holds: ReadonlyArray<string>
  readonly trail: string | undefined
  readonly line: ReadonlyArray<string>
  readonly orders: ReadonlyArray<ReadonlyArray<string>>
  readonly byLabel: ReadonlyArray<string>
  readonly tallies: ReadonlyArray<string>
}

type Client = Redis.Redis["Service"]

/** An operation on the books in memory, with its result and the books afterwards, and the same one in Lua. */
interface Entry {
  /** The books by the time at which the operation entered them. */
  readonly now: number
  /** The server's clock. */
  readonly wall: number
  /** Whether the store had been used on this server before. */
  readonly sameServer: boolean
  readonly expected: unknown
  readonly page: Page
  readonly inLua: (redis: Client) => Effect.Effect<unknown, Redis.RedisError>
}
/** Something that happens to the store. */
type Fate = (redis: Client) => Effect.Effect<unknown, Redis.RedisError>

const keysOf = (account: string) => budgetKeys("", account)

const trailOf = ({ gone, of, recent, top, unsure }: Trail): string => {
  const levels = recent.flatMap(({ arrived, at, seq, value }) => [value, at, seq, arrived])
  return `${[gone, unsure, top ? 1 : 0, top?.value ?? 0, top?.at ?? 0, ...levels].join(" ")}|${of}`
}

const pageOf = (state: State): Page => ({
  identity: [state.name, state.open, state.why, state.seq],
  totals: [state.reserved, state.waiting, state.holds.size, state.line.size],
  reading: state.reading && `${state.reading.seq} ${state.reading.at} ${state.reading.available}`,
  holds: Array.from(state.holds, ([id, { amount, at, counted, label = "", phase, seq, since }]) => [
    `hold:${id} ${phase} ${amount} ${seq} ${at}`,
    `tag:${id} ${since} ${counted} ${label}`
  ]).flat().toSorted(),
  trail: state.trail.of === state.name ? trailOf(state.trail) : undefined,
  line: [...state.line],
  orders: [state.leases, state.spent, state.lost, state.freed.keys()].map((order) => [...order].toSorted()),
  byLabel: Array.from(state.byLabel, ([label, credits]) => `label:${label} ${credits}`).toSorted(),
  tallies: Array.from(state.tallies, ([label, kept]) =>
    Array.from(kept, ([every, { named, periods, since }]) => [
      `limits:${label} ${every} ${since} ${named}`,
      ...periods.size === 0 ? [] : [`starts:${every}:${label} ${[...periods.keys()].toSorted().join(" ")}`],
      ...Array.from(periods, ([start, { all, held }]) => `total:${every}:${start}:${label} ${all} ${held}`)
    ])).flat(2).toSorted()
})

/** The same, by a clock that the test sets. */
const timed = <Params extends ReadonlyArray<unknown>, Result>(
  script: Redis.Script<{ params: Params; result: Result }>
) =>
  Redis.script((...params: Params) => script.params(...params), {
    numberOfKeys: script.numberOfKeys,
    lua: script.lua.replace("redis.call(\"TIME\")", "{ 0, redis.call(\"HGET\", key, \"test wall\") .. \"000\" }")
  }).withReturnType<Result>()

/** As a list, which the command itself is under one version of the protocol alone. */
const readAll = Redis.script((key: string) => [key], {
  numberOfKeys: 1,
  lua: `return redis.call("HGETALL", KEYS[1])`
}).withReturnType<ReadonlyArray<string>>()

const readPage = Effect.fnUntraced(function*(redis: Client, account: string) {
  const [key, line, ...orders] = keysOf(account)
  const raw = yield* redis.eval(readAll)(key)
  const fields = new Map(raw.flatMap((name, index) => index % 2 === 0 ? [[name, raw[index + 1] ?? ""] as const] : []))
  const order = (name: string) => redis.send<ReadonlyArray<string>>("ZRANGE", name, "0", "-1")
  const page: Page = {
    identity: [fields.get("name"), fields.get("open") === "1", fields.get("why"), Number(fields.get("seq"))],
    totals: [fields.get("reserved"), fields.get("waiting"), ...fields.get("count")?.split(" ") ?? []].map(Number),
    reading: fields.get("reading"),
    holds: Array.from(fields, (field) => field.join(" ")).filter((field) => /^(?:hold|tag):/.test(field)).toSorted(),
    trail: fields.get("trail")?.endsWith(`|${fields.get("name")}`) === true ? fields.get("trail") : undefined,
    line: yield* order(line),
    orders: (yield* Effect.forEach(orders, order)).map((ids) => ids.toSorted()),
    byLabel: Array.from(fields, (field) => field.join(" ")).filter((field) => field.startsWith("label:")).toSorted(),
    tallies: Array.from(fields, ([name, value]) => {
      if (name.startsWith("limits:")) return value.match(/\d+ \d+ \d+/g)?.map((kept) => `${name} ${kept}`) ?? []
      if (name.startsWith("starts:")) return [`${name} ${value.split(" ").toSorted().join(" ")}`]
      return name.startsWith("total:") ? [`${name} ${value}`] : []
    }).flat().toSorted()
  }
  return page
})

/** Plays a history on the books in memory. */
const record = (past: History, account: string): ReadonlyArray<Entry | Fate> => {
  const entries: Array<Entry | Fate> = []
  const keys = keysOf(account)
  const [key, , , , , freedKey] = keys
  let entered: Caller | undefined
  let sameServer = true
  const keep = <A>(state: State, expected: A, inLua: (common: Common) => Entry["inLua"]): A => {
    const { fresh, known, newBooks, waited } = entered ?? assert.fail("every operation enters first")
    const common = { keys, fresh, known, newBooks, waited, ...past.rules, closedFor: closedFor(past.rules) }
    entries.push({ now: state.now, wall: state.wall, sameServer, expected, page: pageOf(state), inLua: inLua(common) })
    return expected
  }
  const rest = (reply: ReadonlyArray<unknown>) => reply.slice(4)
  const recorder: Books = {
    fault: (_, kind) => {
      const snapshot = `${key}:kept`
      // What does not exist is not copied.
      const copy = (from: string, to: string) => (redis: Client) =>
        Effect.andThen(redis.send("DEL", to), redis.send("COPY", from, to))
      // The sorted sets need not come back with the hash: they are made anew.
      if (kind === "keep") entries.push(copy(key, snapshot), copy(freedKey, `${freedKey}:kept`))
      else if (kind === "rollback" || kind === "restore") {
        entries.push(copy(snapshot, key), copy(`${freedKey}:kept`, freedKey))
      } else if (kind === "vanish") entries.push((redis) => redis.send("DEL", ...keys))
    },
    enter: (state, caller) => {
      entered = caller
      sameServer = state.server === caller.server
      enter(state, caller)
    },
    begin: (state, limits = []) =>
      keep(
        state,
        books.begin(state, limits),
        (common) => (redis) =>
          Effect.map(redis.eval(timed(scripts.begin))(common, ...named(limits)), (reply) =>
            reply.length === 4 ? undefined : { name: reply[1], seq: reply[2], at: reply[4] })
      ),
    admit: (state, rules, admission) =>
      keep(state, books.admit(state, rules, admission), (common) => (redis) => {
        const { asks, available, limits, machine, margin, most, ticket } = admission
        const toStop = stopOf(limits)
        const admit = redis.eval(timed(scripts.admit))(
          common,
          machine,
          most,
          ticket.name,
          ticket.seq,
          ticket.at,
          available ?? "",
          margin,
          limits.length,
          ...applied(limits),
          ...asks.flatMap(({ cost, id, label, wait }) => [id, cost, label ?? "", wait ? 1 : 0])
        )
        return Effect.map(admit, (reply) =>
          reply.length === 4 ? undefined : {
            available: reply[4] === "" ? undefined : reply[4],
            reserved: reply[5],
            waiting: reply[6],
            more: reply[7] === 1,
            admitted: reply[8],
            short: reply[9].map((taken) =>
              typeof taken === "string" ? toStop(taken) : taken === -1 ? undefined : taken
            ),
            since: reply[10],
            stops: reply[11].map(toStop),
            byLabel: reservedOf(reply[5], reply[12]).byLabel,
            unexplained: reply[13] === 0 ? undefined : { amount: reply[13], span: reply[14] }
          })
      }),
    settle: (state, id, amount, stated, mark) =>
      keep(
        state,
        books.settle(state, id, amount, stated, mark),
        (common) => (redis) =>
          Effect.map(
            redis.eval(timed(scripts.settle))(common, id, amount, stated, mark.since, mark.label ?? ""),
            (reply) => reservedOf(reply[4], reply[5])
          )
      ),
    release: (state, ids) =>
      keep(
        state,
        books.release(state, ids),
        (common) => (redis) =>
          Effect.map(redis.eval(timed(scripts.release))(common, ...ids), (reply) => reservedOf(reply[4], reply[5]))
      ),
    free: (state, id) =>
      keep(
        state,
        free(state, id),
        (common) => (redis) =>
          Effect.map(redis.eval(timed(operatorScripts.free))(common, id, freedFor), ([, , , , , , , listed]) => {
            const [phase, amount, seq, at] = listed?.[1].split(" ") ?? []
            const [, since, counted, label] = /^(\d+) (\d+) (.*)$/.exec(listed?.[2] ?? "") ?? []
            return phase === undefined ? undefined : {
              phase,
              amount: Number(amount),
              counted: Number(counted),
              seq: Number(seq),
              at: Number(at),
              since: Number(since),
              label: label || undefined
            }
          })
      ),
    renew: (state, rules, active, waiting) =>
      keep(state, books.renew(state, rules, active, waiting), (common) => (redis) => {
        const holds = [...active, ...waiting].flatMap((
          { amount, id, label, since }
        ) => [id, amount, since, label ?? ""])
        return Effect.map(redis.eval(timed(scripts.renew))(common, active.length, ...holds), (reply) => rest(reply)[0])
      })
  }
  const world = new World(past, past.rules.lag, recorder)
  for (const step of past.steps) world.run(step)
  world.settleDown()
  return entries
}

const info = Redis.script(() => [], {
  numberOfKeys: 0,
  lua: `return string.match(redis.call("INFO", "server"), "run_id:(%w+)")
    .. " " .. string.match(redis.call("INFO", "replication"), "master_replid:(%w+)")`
}).withReturnType<string>()

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
      const server = yield* redis.eval(info)()
      const replay = Effect.fnUntraced(function*(past: History) {
        const account = `${count++}`
        const [key] = keysOf(account)
        for (const entry of record(past, account)) {
          if (typeof entry === "function") {
            yield* entry(redis)
            continue
          }
          // A clock that is behind adds no time, so the time is what is set here.
          const clock = `${Number.MAX_SAFE_INTEGER} ${entry.now}`
          const known = entry.sameServer ? server : "another"
          yield* redis.send("HSET", key, "test wall", String(entry.wall), "now", String(entry.now), "clock", clock)
          yield* redis.send("HSET", key, "server", known)
          assert.deepEqual(yield* entry.inLua(redis), entry.expected)
          assert.deepEqual(yield* readPage(redis, account), entry.page)
        }
        yield* redis.send("DEL", ...keysOf(account), ...keysOf(account).map((key) => `${key}:kept`))
      })
      yield* Effect.promise(() =>
        fc.assert(fc.asyncProperty(fc.oneof(history, disturbed), (past) => Effect.runPromise(replay(past))), {
          numRuns
        })
      )
    })
    await Effect.runPromise(program.pipe(Effect.provide(NodeRedis.layer({ url: server.url }))))
  }, 3_600_000)
})
