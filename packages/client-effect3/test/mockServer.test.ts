import { FetchHttpClient, HttpClient } from "@effect/platform"
import { PolloCredits } from "@effect-pollo/client-effect3"
import { createMockServer } from "@effect-pollo/mock-server"
import { Effect, Either, Fiber, Redacted } from "effect"
import { createServer } from "node:http"
import { afterAll, beforeAll, describe, expect, it } from "vitest"

const mock = createMockServer()
let server: Awaited<ReturnType<typeof mock.listen>>
beforeAll(async () => {
  server = await mock.listen()
})
afterAll(() => server.close())

const call = (step: string, options: Partial<PolloCredits.Options<unknown>> = {}) =>
  PolloCredits.make({
    apiKey: Redacted.make(`mock_${step}`),
    baseUrl: server.baseUrl,
    policy: { maxRetries: 1, backoff: { base: 1 }, attemptTimeout: "2 seconds" },
    ...options
  }).pipe(Effect.flatMap((credits) => credits.getBalance), Effect.provide(FetchHttpClient.layer))

describe("over a socket", () => {
  it.each([
    ["401", { _tag: "PolloUnauthorized", attempts: 1 }],
    ["403", { _tag: "PolloForbidden", attempts: 1 }],
    ["unknown_key", { _tag: "PolloNotFound", code: "NOT_FOUND" }],
    ["429", { _tag: "PolloRateLimited" }],
    ["500", { _tag: "PolloServerError", attempts: 2 }],
    ["521", { _tag: "PolloServerError", attempts: 2 }],
    ["cloudflare", { _tag: "PolloInvalidResponse", reason: "Intercepted" }],
    ["reset", { _tag: "PolloTransportError", attempts: 2 }]
  ])("%s is told", async (step, wants) => {
    expect(await Effect.runPromise(Effect.either(call(`${step}.e3`)))).toMatchObject({ left: wants })
  })

  it.each(["ok", "503_then_ok", "reset_then_ok", "500_then_ok"])("%s ends in a balance", async (steps) => {
    expect(await Effect.runPromise(call(`${steps}.e3b`))).toMatchObject({ availableCredits: 1000 })
  })
})

describe("a server of another kind", () => {
  const listening = async (answer: Parameters<typeof createServer>[1]) => {
    const http = createServer(answer)
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve))
    const address = http.address()
    if (address === null || typeof address === "string") throw new Error("no port")
    return {
      url: `http://127.0.0.1:${address.port}`,
      [Symbol.asyncDispose]: async () => {
        http.closeAllConnections()
        await new Promise((resolve) => http.close(resolve))
      }
    }
  }

  it.each([
    ["as it is", undefined],
    ["by a wrapper that follows", (client: HttpClient.HttpClient) => HttpClient.followRedirects(client)]
  ])("gets no key through a redirect, %s", async (_, transformClient) => {
    let reached = 0
    await using target = await listening((_, response) => {
      reached++
      response.end("{\"availableCredits\":1,\"totalCredits\":1}")
    })
    await using source = await listening((_, response) => {
      response.writeHead(302, { location: `${target.url}/elsewhere` }).end()
    })
    const result = await Effect.runPromise(Effect.either(call("ok", { baseUrl: source.url, transformClient })))
    expect(Either.merge(result)).toMatchObject({ _tag: "PolloInvalidResponse", reason: "Redirect", status: 302 })
    expect(reached).toBe(0)
  })

  it("sees its socket close when a call is interrupted, in the head and in the body", async () => {
    for (const begins of [false, true]) {
      const arrived = Promise.withResolvers<void>()
      const closed = Promise.withResolvers<void>()
      await using source = await listening((_, response) => {
        response.once("close", closed.resolve)
        if (begins) response.write("{")
        arrived.resolve()
      })
      const fiber = Effect.runFork(call("ok", { baseUrl: source.url, policy: { attemptTimeout: "1 minute" } }))
      await arrived.promise
      await Effect.runPromise(Fiber.interrupt(fiber))
      await closed.promise
    }
  })

  it("sees its socket close when an attempt is out of time", async () => {
    const closed = Promise.withResolvers<void>()
    await using source = await listening((_, response) => {
      response.once("close", closed.resolve)
      response.write("{")
    })
    const policy = { attemptTimeout: 100, maxRetries: 0 }
    expect(Either.merge(await Effect.runPromise(Effect.either(call("ok", { baseUrl: source.url, policy })))))
      .toMatchObject(
        { _tag: "PolloTimeout", phase: "attempt" }
      )
    await closed.promise
  })
})
