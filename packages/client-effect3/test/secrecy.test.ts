import { FetchHttpClient, HttpClient } from "@effect/platform"
import { PolloConfigError, PolloCredits } from "@effect-pollo/client-effect3"
import { ConfigProvider, Context, Effect, Either, Layer, Option, Redacted, Tracer } from "effect"
import { inspect } from "node:util"
import { describe, expect, it } from "vitest"
import manifest from "../package.json" with { type: "json" }
import { version } from "../src/internal/version.ts"
import { balance, callWith, key, scripted } from "./support.ts"

const seen = (value: unknown): string => `${inspect(value, { depth: 20, showHidden: true })} ${JSON.stringify(value)}`

/** Keeps the attributes and the ends of all spans. */
const recorder = () => {
  const spans: Array<{ readonly name: string; readonly attributes: Map<string, unknown>; exit?: unknown }> = []
  const tracer = Tracer.make({
    span: (name, parent, context, links, startTime, kind) => {
      const record: (typeof spans)[number] = { name, attributes: new Map() }
      spans.push(record)
      return {
        _tag: "Span",
        name,
        spanId: `${spans.length}`.padStart(16, "0"),
        traceId: "1".padStart(32, "0"),
        parent,
        context,
        links,
        kind,
        sampled: true,
        status: { _tag: "Started", startTime },
        attributes: record.attributes,
        attribute: (name, value) => void record.attributes.set(name, value),
        addLinks: () => undefined,
        event: () => undefined,
        end: (_, exit) => void (record.exit = exit)
      }
    },
    context: (run) => run()
  })
  return { spans, layer: <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.withTracer(self, tracer) }
}

describe("the key", () => {
  it("is sent, without trace headers unless they are asked for", async () => {
    for (const propagateTrace of [false, true]) {
      const { client, requests } = scripted(balance)
      await Effect.runPromise(callWith(client, { propagateTrace }).pipe(recorder().layer))
      const [request] = requests
      expect(request?.headers["x-api-key"]).toBe(key)
      expect(request?.headers["user-agent"]).toBe(`effect-pollo/${version}`)
      expect(request?.headers.traceparent === undefined).toBe(!propagateTrace)
      expect(request?.headers.b3 === undefined).toBe(!propagateTrace)
    }
  })

  it.each([
    ["apiKey", { apiKey: Redacted.make(`${key}\n`) }],
    ["apiKey", { apiKey: Redacted.make("") }],
    ["baseUrl", { baseUrl: `http://example.com/${key}` }],
    ["baseUrl", { baseUrl: `https://${key}@example.com` }],
    ["maxBodySize", { maxBodySize: 0 }]
  ])("is not repeated by a mistake in %s", async (field, options) => {
    const result = await Effect.runPromise(Effect.either(callWith(scripted(balance).client, options)))
    expect(result).toMatchObject({ left: { _tag: "PolloConfigError", field } })
    expect(seen(Either.getLeft(result))).not.toContain(key)
  })
})

describe("layerConfig", () => {
  const configured = (entries: ReadonlyArray<readonly [string, string]>) => {
    const { client, requests } = scripted(balance)
    const layer = PolloCredits.layerConfig().pipe(
      Layer.provide(Layer.succeed(HttpClient.HttpClient, client)),
      Layer.provide(Layer.setConfigProvider(ConfigProvider.fromMap(new Map(entries))))
    )
    const run = Effect.runPromise(Effect.either(PolloCredits.getBalance.pipe(Effect.provide(layer))))
    return run.then((result) => ({ result, url: requests[0]?.url }))
  }

  it("reads every variable", async () => {
    const { result, url } = await configured([
      ["POLLO_API_KEY", key],
      ["POLLO_BASE_URL", "http://127.0.0.1:1/"],
      ["POLLO_ATTEMPT_TIMEOUT", "3s"],
      ["POLLO_DEADLINE", "10 seconds"],
      ["POLLO_MAX_RETRIES", "0"]
    ])
    expect(result).toMatchObject({ right: { availableCredits: 12.5 } })
    expect(url).toBe("http://127.0.0.1:1/credit/balance")
  })

  it.each([
    ["POLLO_API_KEY", []],
    ["POLLO_API_KEY", [["POLLO_API_KEY", "a b"]]],
    ["POLLO_BASE_URL", [["POLLO_API_KEY", key], ["POLLO_BASE_URL", key]]],
    ["POLLO_DEADLINE", [["POLLO_API_KEY", key], ["POLLO_DEADLINE", "-5 seconds"]]],
    ["POLLO_MAX_RETRIES", [["POLLO_API_KEY", key], ["POLLO_MAX_RETRIES", "many"]]]
  ] as ReadonlyArray<readonly [string, ReadonlyArray<readonly [string, string]>]>)(
    "names %s in a mistake",
    async (field, entries) => {
      const { result } = await configured(entries)
      expect(Option.getOrThrow(Either.getLeft(result))).toBeInstanceOf(PolloConfigError)
      expect(result).toMatchObject({ left: { field } })
      expect(seen(result)).not.toContain(key)
    }
  )
})

describe("the RequestInit of the client's layer", () => {
  it("is kept, except for its redirect", async () => {
    const inits: Array<RequestInit | undefined> = []
    const fetch: typeof globalThis.fetch = async (_, init) => {
      inits.push(init)
      return new Response("{\"availableCredits\":1,\"totalCredits\":1}")
    }
    const client = FetchHttpClient.layer.pipe(
      Layer.provide(Layer.succeed(FetchHttpClient.RequestInit, { credentials: "omit", redirect: "follow" })),
      Layer.provide(Layer.succeed(FetchHttpClient.Fetch, fetch))
    )
    const built = await Effect.runPromise(Effect.scoped(Layer.build(client)))
    await Effect.runPromise(callWith(Context.get(built, HttpClient.HttpClient)))
    expect(inits).toHaveLength(1)
    expect(inits[0]).toMatchObject({ credentials: "omit", redirect: "manual" })
  })
})

it("states the version of the package", () => {
  expect(version).toBe(manifest.version)
})
