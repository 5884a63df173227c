import { describe, expect, it } from "vitest"
import { type Head, scrubber, type Verdict, verdictOfBody, verdictOfHead } from "../src/index.ts"

const scrub = scrubber("pollo_5f2c9a7be1d04")

const head = (status: number, headers: Readonly<Record<string, string>> = {}, redirect = false): Head => ({
  status,
  header: (name) => headers[name],
  redirect,
  nowMillis: 0
})

const byHead = (...given: Parameters<typeof head>) => {
  const verdict = verdictOfHead(head(...given), scrub)?.problem
  return verdict?._tag === "PolloInvalidResponse" ? verdict.reason : verdict?._tag
}

const byBody = (body: unknown, status = 200): Verdict => verdictOfBody(head(status), JSON.stringify(body), scrub)

describe("the head of an answer", () => {
  const html = { "content-type": "text/html; charset=utf-8" }
  const challenge = { "cf-mitigated": "challenge" }
  it.each<[string, Parameters<typeof head>, string | undefined]>([
    ["429", [429], "PolloRateLimited"],
    ["429 with a web page", [429, { ...html, ...challenge }], "PolloRateLimited"],
    ["429 that came of a redirect", [429, {}, true], "PolloRateLimited"],
    ["403", [403], "PolloForbidden"],
    ["403 with JSON", [403, { "content-type": "application/json" }], "PolloForbidden"],
    ["403 with a challenge", [403, challenge], "Intercepted"],
    ["503 with a challenge", [503, challenge], "Intercepted"],
    ["200 with a challenge", [200, challenge], "Intercepted"],
    ["302 with a challenge", [302, challenge, true], "Intercepted"],
    ["401 with a web page", [401, html], "Intercepted"],
    ["403 with a web page", [403, { "content-type": "TEXT/HTML" }], "Intercepted"],
    ["407 with a web page", [407, html], "Intercepted"],
    ["511 with a web page", [511, html], "Intercepted"],
    ["404 with a web page", [404, html], "PolloNotFound"],
    ["503 with a web page", [503, html], "PolloServerError"],
    ["302", [302, {}, true], "Redirect"],
    ["302 with a web page", [302, html, true], "Redirect"],
    ["200 that came of a redirect", [200, {}, true], "Redirect"],
    ["200 with a web page", [200, html], undefined]
  ])("%s", (_, given, verdict) => {
    expect(byHead(...given)).toBe(verdict)
  })

  it("of a page of a CDN carries its Retry-After", () => {
    const verdict = verdictOfHead(head(503, { ...challenge, "retry-after": "9" }), scrub)
    expect(verdict).toMatchObject({ problem: { reason: "Intercepted", retryAfter: 9_000 }, worded: false })
  })
})

describe("the body of a 200", () => {
  const figures = { availableCredits: 4.5, totalCredits: 10 }
  const balance = { _tag: "Balance", ...figures }
  it.each<[string, unknown, object]>([
    ["figures", figures, balance],
    ["figures and more", { ...figures, availableAmountUsd: 1 }, balance],
    ["the envelope", { code: "SUCCESS", message: "success", data: figures }, balance],
    ["an envelope without a code", { data: figures }, balance],
    ["figures beside an unknown code", { code: "OK", ...figures }, balance],
    ["figures beside a code that names an error", { code: "UNAUTHORIZED", message: "no", ...figures }, {
      _tag: "PolloUnauthorized",
      code: "UNAUTHORIZED",
      status: 200
    }],
    ["figures beside such a code alone", { code: "FORBIDDEN", ...figures }, { _tag: "PolloForbidden" }],
    ["figures beside such a code in lower case", { code: "not_found", ...figures }, { _tag: "PolloNotFound" }],
    ["an envelope whose code names an error", { code: "TOO_MANY_REQUESTS", message: "slow", data: figures }, {
      _tag: "PolloRateLimited"
    }],
    ["an envelope around an error", { code: "SUCCESS", data: { code: "UNAUTHORIZED", ...figures } }, {
      _tag: "PolloUnauthorized"
    }],
    ["an unknown code", { code: "LUNCH_BREAK", message: "later" }, { _tag: "PolloApiError", code: "LUNCH_BREAK" }],
    ["a success without figures", { code: "SUCCESS", message: "success" }, { reason: "Schema" }],
    ["null", null, { reason: "Schema" }],
    ["figures that are text", { availableCredits: "1", totalCredits: 1 }, { reason: "Schema" }]
  ])("with %s", (_, body, verdict) => {
    expect(byBody(body)).toMatchObject(verdict)
  })
})

describe("what a server said", () => {
  it("is told from a web server's answer by its code", () => {
    expect(byBody({ code: "NOT_FOUND", message: "No such key" }, 404)).toMatchObject({ code: "NOT_FOUND" })
    expect(verdictOfBody(head(404), "<h1>Not found</h1>", scrub)).toMatchObject({
      code: "HTTP_404",
      message: "the server answered with status 404"
    })
    expect(byBody({ error: "Not found", code: 404 }, 404)).toMatchObject({ code: "HTTP_404" })
  })

  it("is cut, once the key is out, and keeps whole characters", () => {
    const key = "pollo_5f2c9a7be1d04"
    const long = `${"x".repeat(995)}${key}`
    const verdict = byBody({
      code: "y".repeat(2_000),
      message: long,
      issues: Array.from({ length: 30 }, () => ({ message: `${"z".repeat(999)}💳` }))
    }, 400)
    expect(verdict).toMatchObject({ message: `${"x".repeat(995)}<reda`, code: "y".repeat(1_000) })
    if (!("issues" in verdict)) throw new Error("no issues")
    expect(verdict.issues).toHaveLength(20)
    expect(verdict.issues[0]).toBe("z".repeat(999))
  })

  it("decides on the class before the key is taken out", () => {
    const verdict = verdictOfBody(
      head(200),
      JSON.stringify({ code: "NOT_IMPLEMENTED", message: "no" }),
      scrubber("not_implemented")
    )
    expect(verdict).toMatchObject({ _tag: "PolloServerError", code: "HTTP_501" })
  })
})
