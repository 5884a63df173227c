/** What a caller's transport does, on sockets. What is answered is the table's, in `packages/behaviour`. */
import { FetchHttpClient, HttpClient } from "@effect/platform"
import { NodeHttpClient } from "@effect/platform-node"
import { PolloCredits } from "@effect-pollo/client-effect3"
import { Effect, Either, Fiber, type Layer, Redacted } from "effect"
import { createServer, type IncomingMessage } from "node:http"
import { describe, expect, it } from "vitest"
import { version } from "../src/internal/version.ts"
import { key } from "./support.ts"

const transports: ReadonlyArray<readonly [name: string, layer: Layer.Layer<HttpClient.HttpClient>]> = [
  ["fetch", FetchHttpClient.layer],
  ["node:http", NodeHttpClient.layer],
  ["undici", NodeHttpClient.layerUndici]
]

const call = (
  baseUrl: string,
  layer: Layer.Layer<HttpClient.HttpClient>,
  options: Partial<PolloCredits.Options<unknown>> = {}
) =>
  PolloCredits.make({ apiKey: Redacted.make(key), baseUrl, policy: { maxRetries: 0 }, ...options }).pipe(
    Effect.flatMap((credits) => credits.getBalance),
    Effect.provide(layer)
  )

/** A server that keeps what it is asked. */
const listening = async (answer: Parameters<typeof createServer>[1]) => {
  const requests: Array<IncomingMessage> = []
  const http = createServer(answer).prependListener(
    "request",
    (request: IncomingMessage) => void requests.push(request)
  )
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve))
  const address = http.address()
  if (address === null || typeof address === "string") throw new Error("no port")
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    [Symbol.asyncDispose]: async () => {
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
    }
  }
}

const balance = "{\"availableCredits\":1,\"totalCredits\":1}"

describe.each(transports)("over %s", (_, layer) => {
  it.each([
    ["as it is", undefined],
    ["by a wrapper that follows", (client: HttpClient.HttpClient) => HttpClient.followRedirects(client)]
  ])("no key goes through a redirect, %s", async (_, transformClient) => {
    await using target = await listening((_, response) => void response.end(balance))
    for (const status of [301, 302, 303, 307, 308]) {
      await using source = await listening((_, response) => {
        response.writeHead(status, { location: `${target.url}/elsewhere` }).end()
      })
      const result = await Effect.runPromise(Effect.either(call(source.url, layer, { transformClient })))
      expect(Either.merge(result)).toMatchObject({ _tag: "PolloInvalidResponse", reason: "Redirect", status })
    }
    expect(target.requests).toHaveLength(0)
  })

  it.each(["head", "body"])("a call that is interrupted closes its socket while the %s is waited for", async (part) => {
    const arrived = Promise.withResolvers<void>()
    const closed = Promise.withResolvers<void>()
    await using source = await listening((_, response) => {
      response.once("close", closed.resolve)
      if (part === "body") response.write("{")
      arrived.resolve()
    })
    const fiber = Effect.runFork(call(source.url, layer, { policy: { attemptTimeout: "1 minute" } }))
    await arrived.promise
    await Effect.runPromise(Fiber.interrupt(fiber))
    await closed.promise
  })

  it.each(["head", "body"])("an attempt out of time closes its socket while the %s is waited for", async (part) => {
    const closed = Promise.withResolvers<void>()
    await using source = await listening((_, response) => {
      response.once("close", closed.resolve)
      if (part === "body") response.write("{")
    })
    const result = await Effect.runPromise(
      Effect.either(call(source.url, layer, { policy: { attemptTimeout: 100, maxRetries: 0 } }))
    )
    expect(Either.merge(result)).toMatchObject({ _tag: "PolloTimeout", phase: "attempt" })
    if (source.requests.length > 0) await closed.promise
  })

  it("the status decides when the body lies about its encoding or its length", async () => {
    await using source = await listening((request, response) => {
      if (request.url?.startsWith("/gzip") === true) {
        response.writeHead(401, { "content-encoding": "gzip" }).end("no gzip at all")
      } else {
        response.writeHead(401, { "content-length": "500" }).write("{")
        setTimeout(() => response.destroy(), 20)
      }
    })
    for (const path of ["/gzip", "/cut"]) {
      const result = await Effect.runPromise(Effect.either(call(source.url + path, layer)))
      expect(Either.merge(result)).toMatchObject({ _tag: "PolloUnauthorized", attempts: 1 })
    }
  })

  it("a body is cut off as it arrives, whatever length was declared", async () => {
    let written = 0
    await using source = await listening((_, response) => {
      const write = () => {
        while (!response.destroyed && written < 64_000_000 && response.write(" ".repeat(64_000))) written += 64_000
        if (!response.destroyed && written < 64_000_000) response.once("drain", write)
      }
      write()
    })
    const result = await Effect.runPromise(Effect.either(call(source.url, layer)))
    expect(Either.merge(result)).toMatchObject({ _tag: "PolloInvalidResponse", reason: "TooLarge" })
    expect(written).toBeLessThan(64_000_000)
  })

  it("the User-Agent names this package and its version, and no trace headers go along", async () => {
    await using source = await listening((_, response) => void response.end(balance))
    await Effect.runPromise(call(source.url, layer).pipe(Effect.withSpan("caller")))
    const [request] = source.requests
    expect(request?.headers).toMatchObject({ "user-agent": `effect-pollo/${version}`, "x-api-key": key })
    expect(Object.keys(request?.headers ?? {})).not.toContain("traceparent")
    expect(Object.keys(request?.headers ?? {})).not.toContain("b3")
  })
})
