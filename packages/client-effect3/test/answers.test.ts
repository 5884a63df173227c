import { PolloError } from "@effect-pollo/client-effect3"
import { Effect, Either, Schema } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { balance, failure, json, key, outcome, refused } from "./support.ts"

const statuses: ReadonlyArray<readonly [number, string, boolean, boolean]> = [
  [400, "PolloBadRequest", false, false],
  [401, "PolloUnauthorized", false, false],
  [403, "PolloForbidden", false, false],
  [404, "PolloNotFound", false, false],
  [408, "PolloApiError", true, true],
  [418, "PolloApiError", false, false],
  [422, "PolloBadRequest", false, false],
  [425, "PolloApiError", true, true],
  [429, "PolloRateLimited", true, true],
  [500, "PolloServerError", true, true],
  [501, "PolloServerError", false, false],
  [505, "PolloServerError", false, false],
  [521, "PolloServerError", true, true]
]

const roundTrip = (error: PolloError) => {
  const text = JSON.stringify(Schema.encodeSync(PolloError)(error))
  return Schema.decodeUnknownSync(PolloError)(JSON.parse(text))
}

describe("an answer", () => {
  it.each([
    ["as documented", balance],
    [
      "in the envelope",
      json(200, { code: "SUCCESS", message: "ok", data: { availableCredits: 12.5, totalCredits: 100 } })
    ]
  ])("is a balance %s", async (_, answer) => {
    expect(Either.getOrThrow(await outcome(answer))).toMatchObject({ availableCredits: 12.5, totalCredits: 100 })
  })

  it.each(statuses)("with status %i is %s", async (status, tag, isRetryable, isTransient) => {
    const error = await failure(json(status, { message: "no", code: "ODD", issues: [{ message: "because" }] }))
    expect(error).toMatchObject({ _tag: tag, status, code: "ODD", message: "no", attempts: 1 })
    expect(error).toMatchObject({ isRetryable, isTransient, issues: [{ message: "because" }] })
    expect(JSON.stringify(error)).not.toContain("isRetryable")
  })

  it.each([
    ["NotJson", () => new Response("<html>")],
    ["Schema", json(200, { availableCredits: "12" })],
    ["Schema", () => new Response("{\"availableCredits\":1e400,\"totalCredits\":1}")],
    ["TooLarge", () => new Response("x".repeat(70_000))],
    ["Redirect", () => new Response(null, { status: 307, headers: { location: "https://elsewhere.test/" } })],
    ["Intercepted", () => new Response("<html>", { status: 403, headers: { "content-type": "text/html" } })]
  ])("is invalid by %s", async (reason, answer) => {
    expect(await failure(answer)).toMatchObject({ _tag: "PolloInvalidResponse", reason })
  })

  it("keeps the class of its status when its body breaks", async () => {
    const broken = () =>
      new Response(new ReadableStream({ pull: () => Promise.reject(new Error("reset")) }), { status: 503 })
    expect(await failure(broken)).toMatchObject({ _tag: "PolloServerError", code: "HTTP_503" })
  })

  it("that never comes is a transport error with the transport's code", async () => {
    expect(await failure(refused)).toMatchObject({ _tag: "PolloTransportError", code: "ECONNREFUSED" })
  })

  it("of any bytes ends in a balance or an error that survives JSON, without the key", () =>
    fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 200, max: 599 }).filter((status) => ![204, 205, 304].includes(status)),
        fc.oneof(
          fc.uint8Array({ maxLength: 200 }),
          fc.json().map((text) => new TextEncoder().encode(text)),
          fc.string().map((text) => new TextEncoder().encode(JSON.stringify({ message: `${text}${key}`, code: key })))
        ),
        fc.dictionary(
          fc.constantFrom("retry-after", "x-request-id", "content-type"),
          fc.constantFrom("1.5", "9e9", key)
        ),
        async (status, bytes, headers) => {
          const result = await outcome(() => new Response(new Uint8Array(bytes), { status, headers }))
          if (Either.isRight(result)) return
          const error = result.left
          if (error._tag === "PolloConfigError") throw error
          const back = roundTrip(error)
          expect(back).toEqual(error)
          expect(back.isTransient).toBe(error.isTransient)
          expect(JSON.stringify(Schema.encodeSync(PolloError)(error))).not.toContain(key)
        }
      ),
      { numRuns: 300 }
    ))

  it("that makes a wrapper die is an error all the same", async () => {
    const error = await failure(() => Promise.resolve(new Response()), {
      transformClient: (client) =>
        Object.assign(Object.create(client), {
          postprocess: () => Effect.dieMessage(`broken with ${key}`)
        })
    })
    expect(error).toMatchObject({ _tag: "PolloTransportError" })
  })
})
