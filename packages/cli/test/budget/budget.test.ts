/** `budget` and `budget free`, on a real Redis with the holds of a real budget. */
import { CreditBudget } from "@effect-pollo/client/CreditBudget"
import { CreditBudgetRedis } from "@effect-pollo/client/CreditBudgetRedis"
import { PolloCreditsTest } from "@effect-pollo/client/testing"
import * as NodeRedis from "@effect/platform-node/NodeRedis"
import { Effect, Layer, Logger, ManagedRuntime, Schema } from "effect"
import { once } from "node:events"
import { createServer } from "node:net"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { redisAvailable, type RedisServer, startRedis } from "../../../client/test/support/redisServer.ts"
import { BudgetOutput, exitCodes, FreedOutput } from "../../src/index.ts"
import { lines, run } from "../support/cli.ts"
import { ctrlC, hasTerminal, openCli } from "../support/terminal.ts"

const password = "pass/word-of-redis"
const encoded = encodeURIComponent(password)
const decode = Schema.decodeUnknownSync(Schema.fromJsonString(BudgetOutput))
const decodeFreed = Schema.decodeUnknownSync(Schema.fromJsonString(FreedOutput))

describe.skipIf(!redisAvailable)("the books of a budget (needs redis-server on the PATH)", () => {
  let redis: RedisServer
  let url: string
  const runtimes: Array<ManagedRuntime.ManagedRuntime<CreditBudget, unknown>> = []
  beforeAll(async () => {
    redis = await startRedis({ args: ["--requirepass", password] })
    url = `redis://:${encoded}@127.0.0.1:${redis.port}`
  })
  afterAll(async () => {
    await Promise.all(runtimes.map((runtime) => runtime.dispose()))
    await redis[Symbol.asyncDispose]()
  })

  /** A program with a job of 30 credits for a team, one of 20.5 for nobody, and one that waits for 60. */
  const holding = async (account: string, prefix = "") => {
    const runtime = ManagedRuntime.make(
      CreditBudgetRedis.layer({ account, prefix, newBooks: "open" }).pipe(
        Layer.provide([PolloCreditsTest.layer(100), NodeRedis.layer({ url })]),
        Layer.provideMerge(Logger.layer([]))
      )
    )
    runtimes.push(runtime)
    const job = (cost: number, options?: CreditBudget.ReserveOptions) =>
      Effect.scoped(Effect.andThen(CreditBudget.reserve(cost, options), Effect.never))
    runtime.runFork(job(30, { label: "team ü" }))
    runtime.runFork(job(20.5))
    await vi.waitFor(async () => expect((await runtime.runPromise(CreditBudget.status)).reservations).toBe(2))
    runtime.runFork(job(60, { wait: { for: "1 hour" } }))
    await vi.waitFor(async () => expect((await runtime.runPromise(CreditBudget.status)).waiting).toBe(60))
    return runtime
  }
  const cli = (args: ReadonlyArray<string>, env: Record<string, string> = { REDIS_URL: url }) =>
    run(["budget", ...args], { env })

  it("are a table: what is held, for whom, since when, in which phase", async () => {
    await holding("table")
    const { code, stderr, stdout } = await cli(["--account", "table"])
    expect([code, stderr]).toEqual([0, ""])
    const [summary, empty, heads, ...rows] = lines(stdout)
    expect(summary).toBe(
      "50.5 credits are held by 2 reservations; 60 more are waited for; 100 were available in the latest reading"
    )
    expect([empty, heads]).toEqual(["", expect.stringMatching(/^ID +PHASE +CREDITS +LABEL +SINCE +FOR$/)])
    const time = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ +\d+s`
    expect(rows).toEqual([
      expect.stringMatching(new RegExp(String.raw`^[\w-]+\.\d+ +active +30  team ü +${time}$`)),
      expect.stringMatching(new RegExp(String.raw`^[\w-]+\.\d+ +active +20\.5 +${time}$`)),
      expect.stringMatching(new RegExp(String.raw`^[\w-]+\.\d+ +waiting +60 +${time}$`))
    ])
  })

  it("are one object of JSON, with the flag of the address too", async () => {
    await holding("json", "shop:")
    const { code, stderr, stdout } = await cli(["--redis", url, "--account", "json", "--prefix", "shop:", "--json"], {})
    expect([code, stderr]).toEqual([0, ""])
    const { holds, ...status } = decode(stdout)
    expect(status).toEqual({ available: 100, reserved: 50.5, reservations: 2, waiting: 60 })
    expect(holds.map(({ credits, label, phase }) => [label, phase, credits])).toEqual([
      ["team ü", "active", 30],
      [null, "active", 20.5],
      [null, "waiting", 60]
    ])
    expect(holds.every(({ id, machine }) => id.startsWith(`${machine}.`))).toBe(true)
  })

  it("are those of the key, when the programs use it for the account", async () => {
    await holding("pollo_key-of-the-account")
    const { code, stdout } = await cli([], { REDIS_URL: url, POLLO_API_KEY: "pollo_key-of-the-account" })
    expect([code, stdout]).toEqual([0, expect.stringContaining("50.5 credits are held")])
  })

  it("of an account that nobody has named say so", async () => {
    expect(await cli(["--account", "mistyped"])).toEqual({
      code: 0,
      stderr: "",
      stdout:
        "0 credits are held by 0 reservations; no reading of the balance yet: the name of the account may be another\n"
    })
  })

  it("give a hold back with --yes, once", async () => {
    const runtime = await holding("freed")
    const [hold] = await runtime.runPromise(CreditBudget.holds)
    const id = hold?.id ?? ""
    const freed = await cli(["free", id, "--account", "freed", "--yes", "--json"])
    expect([freed.code, freed.stderr]).toEqual([0, ""])
    expect(decodeFreed(freed.stdout)).toMatchObject({ id, label: "team ü", phase: "active", credits: 30 })
    expect((await runtime.runPromise(CreditBudget.holds)).map((left) => left.id)).not.toContain(id)
    const again = await cli(["free", id, "--account", "freed", "--yes"])
    expect([again.code, again.stdout, lines(again.stderr)[0]]).toEqual([
      exitCodes.NotFreed.code,
      "",
      "pollo-credits: there is no hold with that id"
    ])
    const [, next] = await runtime.runPromise(CreditBudget.holds)
    // Flags may stand before the word too.
    const plain = await cli(["--account", "freed", "free", next?.id ?? "", "--yes"])
    expect([plain.code, plain.stdout]).toEqual([
      0,
      expect.stringMatching(/^freed [\w-]+\.\d+: [\d.]+ credits, \w+ since /)
    ])
  })

  it("give nothing back where nobody can be asked", async () => {
    const runtime = await holding("unasked")
    const before = await runtime.runPromise(CreditBudget.holds)
    const { code, stderr, stdout } = await cli(["free", before[0]?.id ?? "", "--account", "unasked"])
    expect([code, stdout]).toEqual([exitCodes.Misuse.code, ""])
    expect(lines(stderr)[0]).toBe("pollo-credits: there is no terminal to ask on; with --yes nothing is asked")
    expect(await runtime.runPromise(CreditBudget.holds)).toEqual(before)
  })

  it.skipIf(!hasTerminal).each([
    ["y", 0, true],
    ["n", exitCodes.NotFreed.code, false],
    ["\r", exitCodes.NotFreed.code, false],
    [ctrlC, exitCodes.Interrupted.code, false]
  ])("ask in a terminal, and %j ends with %i", async (answer, code, isFreed) => {
    const account = `asked ${code} ${answer.length} ${answer.charCodeAt(0)}`
    const runtime = await holding(account)
    const [hold] = await runtime.runPromise(CreditBudget.holds)
    const id = hold?.id ?? ""
    const screen = openCli(["budget", "free", id, "--account", account], { columns: 140, env: { REDIS_URL: url } })
    await screen.until((shown) => shown.some((line) => line.includes("Free it?")))
    expect(screen.lines()[0]).toMatch(/^[\w-]+\.\d+: 30 credits for team ü, active since \S+ \(\d+s\)$/)
    screen.type(answer)
    expect(await screen.ended).toBe(code)
    const left = await runtime.runPromise(CreditBudget.holds)
    expect(left.some((each) => each.id === id)).toBe(!isFreed)
    expect(screen.raw()).not.toContain(password)
  })

  const anId = ["free", "an-id", "--yes"]
  it.each<[url: (port: number) => string, args: ReadonlyArray<string>, code: number, what: RegExp]>([
    [(port) => `redis://operator:${encoded}x@127.0.0.1:${port}`, [], exitCodes.NoRedis.code, /refuses \(WRONGPASS\)/],
    [(port) => `redis://127.0.0.1:${port}`, anId, exitCodes.NoRedis.code, /refuses \(NOAUTH\)/],
    [() => `redis://:${encoded}@127.0.0.1:1`, anId, exitCodes.NoRedis.code, /gives no answer \(ECONNREFUSED\)/],
    [() => `redis://:${encoded}@nowhere.invalid`, [], exitCodes.NoRedis.code, /gives no answer \(E\w+\)/],
    [() => `http://:${encoded}@127.0.0.1`, [], exitCodes.Setup.code, /REDIS_URL must be the URL of a Redis/],
    [() => "", ["--redis", password], exitCodes.Misuse.code, /--redis must be the URL of a Redis/],
    [() => "", ["--redis", `redis://:${encoded}%@127.0.0.1`], exitCodes.Misuse.code, /--redis must be the URL/],
    [() => "", ["--redis", `redis://:${encoded}@127.0.0.1/db`], exitCodes.Misuse.code, /--redis must be the URL/],
    [() => "", [`--rdeis=redis://:${encoded}@127.0.0.1`], exitCodes.Misuse.code, /no such flag/],
    [() => "", anId, exitCodes.Misuse.code, /--redis is missing/]
  ])("never show the password of their address: case %#", async (address, args, code, what) => {
    const ended = await cli([...args, "--account", "secret"], { REDIS_URL: address(redis.port) })
    expect([ended.code, ended.stdout]).toEqual([code, ""])
    expect(lines(ended.stderr)[0]).toMatch(what)
    expect(ended.stderr).not.toContain(password)
    expect(ended.stderr).not.toContain(encoded)
  })

  it("need the name of the account", async () => {
    expect(lines((await cli([])).stderr)[0]).toContain("--account is missing, and so is POLLO_API_KEY")
    expect(lines((await cli(["--account", ""])).stderr)[0]).toContain("--account must not be empty")
  })
})

it("a Redis that takes the connection and says nothing is given up after 5 seconds", async () => {
  const silent = createServer(() => {}).listen(0, "127.0.0.1")
  await once(silent, "listening")
  const address = silent.address()
  const port = address !== null && typeof address === "object" ? address.port : 0
  const { code, stderr } = await run(["budget", "--account", "a"], { env: { REDIS_URL: `redis://127.0.0.1:${port}` } })
  silent.close()
  expect([code, lines(stderr)[0]]).toEqual([exitCodes.NoRedis.code, "pollo-credits: Redis gives no answer"])
})
