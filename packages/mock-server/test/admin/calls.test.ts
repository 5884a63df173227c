import { Effect } from "effect"
import { readFile } from "node:fs/promises"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { adminCalls, callNames } from "../../src/admin/calls.ts"
import type { CallName } from "../../src/admin/admin-calls.ts"
import { MockServer } from "../../src/effect.ts"
import { AdminError, createMockServer } from "../../src/index.ts"
import { request } from "../support.ts"

/*
 * A call is made in three ways: a method in code, an effect, and HTTP. Each way is made from the one table, and nothing
 * may get lost between: neither an argument, nor an answer, nor what a refusal says.
 */

/** For each call, arguments of its method that make a difference. */
const examples: Readonly<Record<CallName, ReadonlyArray<unknown>>> = {
  accounts: [{ limit: 1 }],
  account: ["k"],
  setAccount: ["k", { availableCredits: 5, totalCredits: 9, profile: "live", limit: null }],
  spend: ["k", { credits: 1.5, id: "a" }],
  topUp: ["k", { credits: 2, id: "a", expiresInMillis: 60_000 }],
  history: ["k"],
  plan: ["k"],
  setPlan: ["k", { steps: ["503_x2", "ok"] }],
  clock: ["k"],
  freeze: ["k", { millis: 60_000 }],
  advance: ["k", { millis: 5000 }],
  resume: ["k", { millis: 7000 }],
  requests: [{ key: "k", limit: 1 }],
  countRequests: [{ key: "k", status: 200 }],
  findRequests: [{ key: "k", method: "GET" }],
  summarize: [{ key: "k" }],
  verify: [{ key: "k", expect: { attempts: 3, noOverlap: true } }],
  clearRequests: [{ key: "k" }],
  reset: [{ key: "k" }],
  settings: [],
  setSettings: [{ seed: 3, profile: "live" }],
  health: [],
  ready: [],
  version: []
}

/** For calls that can be refused, arguments that are. */
const refused: Partial<Readonly<Record<CallName, ReadonlyArray<unknown>>>> = {
  account: ["no…label"],
  setAccount: ["k", { availableCredits: "5" }],
  spend: ["k", { credits: 5000 }],
  setPlan: ["k", { steps: ["teapot"] }],
  advance: ["k", { millis: -1 }],
  countRequests: [{ step: "teapot" }],
  verify: [{ key: "k", expect: { attempts: {} } }],
  setSettings: [{ maxKeys: 0 }]
}

type Ask = (key: string) => Promise<unknown>
type Made = (name: CallName, args: ReadonlyArray<unknown>) => Promise<unknown>

const refusalOf = ({ body, status }: AdminError) => ({ status, body })

const inCode: () => { readonly ask: Ask; readonly made: Made } = () => {
  const { admin, fetch } = createMockServer()
  return {
    ask: (key) => fetch(request(key)),
    made: async (name, args) => {
      try {
        return await Reflect.apply(admin[name], admin, args)
      } catch (error) {
        if (error instanceof AdminError) return refusalOf(error)
        throw error
      }
    }
  }
}

const overHttp: typeof inCode = () => {
  const { fetch } = createMockServer()
  return {
    ask: (key) => fetch(request(key)),
    made: async (name, args) => {
      const { method, path, takes } = adminCalls[name]
      const place = (wanted: string): unknown => args[takes.findIndex((each) => each === wanted)]
      const url = new URL(`http://mock/__admin${path.replace("{key}", encodeURIComponent(String(place("key"))))}`)
      for (const [field, value] of Object.entries(place("query") ?? {})) url.searchParams.set(field, String(value))
      const response = await fetch(url, { method, ...bodyOf(place("body")) })
      if (response.status === 204) return undefined
      const body: unknown = await response.json()
      return response.ok ? body : { status: response.status, body }
    }
  }
}

const bodyOf = (body: unknown): RequestInit => (body === undefined ? {} : { body: JSON.stringify(body) })

const asEffects: typeof inCode = () => {
  const server = Effect.runSync(Effect.cached(
    Effect.scoped(Effect.provide(
      Effect.gen(function*() {
        return yield* MockServer
      }),
      MockServer.layerFetch()
    ))
  ))
  return {
    ask: async (key) => (await Effect.runPromise(server)).fetch(request(key)),
    made: async (name, args) => {
      const { admin } = await Effect.runPromise(server)
      const effect: Effect.Effect<unknown, { readonly cause: unknown }> = Reflect.apply(admin[name], admin, args)
      return Effect.runPromise(
        effect.pipe(
          Effect.catch(({ cause }) =>
            cause instanceof AdminError ? Effect.succeed(refusalOf(cause)) : Effect.die(cause)
          )
        )
      )
    }
  }
}

describe("each call", () => {
  beforeEach(() => void vi.useFakeTimers({ now: Date.UTC(2026, 0, 1), toFake: ["Date"] }))
  afterEach(() => void vi.useRealTimers())

  const outcomes = async ({ ask, made }: ReturnType<typeof inCode>, name: CallName, args: ReadonlyArray<unknown>) => {
    for (let n = 0; n < 2; n++) await ask("k")
    await ask("other")
    const answer = await made(name, args)
    return [answer, await made("account", ["k"]), await made("requests", [{}]), await made("settings", [])]
  }

  it.each(callNames)("%s is the same in code, as an effect and over HTTP, arguments included", async (name) => {
    const expected = await outcomes(inCode(), name, examples[name])
    expect(await outcomes(overHttp(), name, examples[name])).toEqual(expected)
    expect(await outcomes(asEffects(), name, examples[name])).toEqual(expected)
    const nothing = await outcomes(inCode(), "health", [])
    const { method } = adminCalls[name]
    if (method === "PUT" || method === "POST" && !adminCalls[name].path.startsWith("/requests/")) {
      expect(expected, "the example makes no difference").not.toEqual([expected[0], ...nothing.slice(1)])
    }
  })

  it.each(callNames.filter((name) => refused[name] !== undefined))("%s is refused alike", async (name) => {
    const args = refused[name] ?? []
    const expected = await outcomes(inCode(), name, args)
    expect(expected[0]).toMatchObject({
      status: expect.any(Number),
      body: { issues: expect.arrayContaining([expect.anything()]) }
    })
    expect(await outcomes(overHttp(), name, args)).toEqual(expected)
    expect(await outcomes(asEffects(), name, args)).toEqual(expected)
  })
})

it("the interface says of each call what the table says", async () => {
  const source = await readFile(new URL("../../src/admin/admin-calls.ts", import.meta.url), "utf8")
  const said = new Map(
    [...source.matchAll(/\/\*\*((?:(?!\*\/)[^])*)\*\/\n {2}readonly (\w+): \(/g)].map(([, text = "", name = ""]) =>
      [name, text.replaceAll(/\s*\n\s*\*\s?/g, " ").trim()] as const
    )
  )
  for (const name of callNames) expect(said.get(name)?.startsWith(`${adminCalls[name].summary}.`), name).toBe(true)
})
