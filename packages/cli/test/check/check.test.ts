import { createMockServer } from "@effect-pollo/mock-server"
import { Schema } from "effect"
import { once } from "node:events"
import { createServer, type RequestListener } from "node:http"
import { afterAll, describe, expect, it } from "vitest"
import { CheckOutput, exitCodes } from "../../src/index.ts"
import { at, lines, run } from "../support/cli.ts"

const server = await createMockServer().listen()
afterAll(() => server.close())

const check = (key: string, ...args: ReadonlyArray<string>) => run(["check", ...args], { env: at(server.baseUrl, key) })

const decode = Schema.decodeUnknownSync(Schema.fromJsonString(CheckOutput), { onExcessProperty: "error" })

describe.concurrent("check", () => {
  it("of an API that keeps to its description reports status, size, latency and limits", async () => {
    const { code, stderr, stdout } = await check("mock_ok")
    expect([code, stderr]).toEqual([0, ""])
    expect(lines(stdout).map((line) => line.replaceAll(/\d+ ms/g, "N ms").replace(/, request id .*/, ""))).toEqual([
      `GET ${server.baseUrl}/credit/balance (x-api-key: <redacted>)`,
      "200 application/json, 45 bytes, headers after N ms, all after N ms",
      "limits: none sent",
      "form: flat, as the published description shows it",
      "no difference from the published description"
    ])
  })

  // A key of the mock server, and what it breaks.
  it.each<[string, ReadonlyArray<string>]>([
    ["extra_field", ["extra_field plan"]],
    ["wrong_type", ["wrong_type availableCredits"]],
    ["missing_field", ["missing_field totalCredits"]],
    ["not_json", ["not_json"]],
    ["empty_body", ["empty_body"]],
    ["no_content", ["status"]],
    ["wrong_content_type", ["content_type"]],
    ["html", ["content_type", "not_json"]],
    ["502", ["content_type", "not_json"]],
    ["redirect", ["redirect"]],
    ["truncated", ["truncated"]],
    ["bad_gzip", ["bad_encoding"]],
    ["malformed_response_chunk", ["bad_framing"]],
    ["oversized", ["too_large"]]
  ])("reports the breakage of mock_%s by name, and exits with 5", async (step, names) => {
    const { code, stderr, stdout } = await check(`mock_${step}`, "--json")
    expect(code).toBe(exitCodes.SpecDiffers.code)
    const { differences, outcome } = decode(stdout)
    expect(outcome).toBe("differs")
    expect(differences.map(({ field, name }) => field === null ? name : `${name} ${field}`)).toEqual(names)
    const kinds = names.map((name) => name.split(" ")[0])
    expect(lines(stderr)).toHaveLength(3)
    expect(lines(stderr)[0]).toBe(
      `pollo-credits: the API differs from its published description: ${kinds.join(", ")}`
    )
  })

  it("lists each difference on a line of its own for people", async () => {
    const { stdout } = await check("mock_wrong_type")
    expect(lines(stdout).slice(4)).toEqual([
      "1 difference from the published description:",
      "  wrong_type  availableCredits is a string"
    ])
  })

  it.each([
    ["bad_gzip", /^ {2}bad_encoding {2}the body is not gzip as it says \(Z_DATA_ERROR\)$/],
    ["malformed_response_chunk", /^ {2}bad_framing {2}a chunk is malformed after \d+ bytes/],
    ["truncated", /^ {2}truncated {2}the connection broke after \d+ bytes \(\w+\)$/]
  ])("tells how the body of mock_%s broke", async (step, line) => {
    const { stdout } = await check(`mock_${step}`)
    expect(lines(stdout).at(-1)).toMatch(line)
  })

  it("takes the envelope for what the live API sends, and says so; --strict counts it", async () => {
    const { code, stderr, stdout } = await check("mock_envelope")
    expect([code, stderr]).toEqual([0, ""])
    expect(lines(stdout).slice(-2)).toEqual([
      "form: envelope, inside {code, message, data}, as the live API sends it",
      "no difference from the published description"
    ])
    const json = decode((await check("mock_envelope", "--json")).stdout)
    expect(json).toMatchObject({ outcome: "conforms", answer: { form: "envelope" }, differences: [] })
    const strict = await check("mock_envelope", "--strict", "--json")
    expect(strict.code).toBe(exitCodes.SpecDiffers.code)
    expect(decode(strict.stdout)).toMatchObject({ answer: { form: "envelope" }, differences: [{ name: "envelope" }] })
    expect((await check("mock_envelope", "--strict", "--allow", "envelope")).code).toBe(0)
  })

  it("does not count a difference that is allowed", async () => {
    const { code, stderr, stdout } = await check("mock_extra_field", "--allow", "envelope", "--allow", "extra_field")
    expect([code, stderr]).toEqual([0, ""])
    expect(lines(stdout).at(-1)).toBe("  extra_field  plan is not in the description (allowed)")
    const other = await check("mock_extra_field", "--allow", "envelope")
    expect(other.code).toBe(exitCodes.SpecDiffers.code)
  })

  it("tells a challenge of the CDN as what it is, and not as a change of the API", async () => {
    const { code, stderr, stdout } = await check("mock_cloudflare")
    expect(code).toBe(exitCodes.PolloInvalidResponse.code)
    expect(lines(stdout).at(-1)).toBe("not compared with the published description: the answer is not the API's")
    expect(lines(stderr)[0]).toMatch(/^pollo-credits: a CDN or a proxy answered in place of the API/)
  })

  it("refuses to allow what is no difference, and lists those that are", async () => {
    const { code, stderr } = await check("mock_ok", "--allow", "surprise")
    expect(code).toBe(exitCodes.Misuse.code)
    expect(stderr).toContain("envelope")
  })

  it.each(
    [
      ["PolloUnauthorized", "mock_unauthorized", 401],
      ["PolloForbidden", "mock_forbidden", 403],
      ["PolloServerError", "mock_503", 503],
      ["PolloRateLimited", "mock_rate_limited", 429]
    ] as const
  )("of a documented error exits with the code of %s, and finds no difference", async (tag, key, status) => {
    const { code, stdout } = await check(key, "--json")
    expect(code).toBe(exitCodes[tag].code)
    expect(decode(stdout)).toMatchObject({
      outcome: "failed",
      answer: { status },
      differences: [],
      failure: { tag, exitCode: exitCodes[tag].code }
    })
  })

  it("reports what the server sends about limits", async () => {
    const { stdout } = await check("mock_rate_limited")
    expect(lines(stdout)[2]).toBe("limits: retry-after: 1")
  })

  it("of an API that gives no answer says so, also in JSON", async () => {
    const { code, stderr, stdout } = await check("mock_reset", "--json")
    expect(code).toBe(exitCodes.PolloTransportError.code)
    expect(decode(stdout)).toMatchObject({ outcome: "failed", answer: null, failure: { tag: "PolloTransportError" } })
    expect(lines(stderr)[0]).toBe("pollo-credits: no whole answer from the API (ECONNRESET)")
  })

  it("does not compare a body that never ends", async () => {
    const { code, stdout } = await run(["check"], {
      env: { ...at(server.baseUrl, "mock_hang_after_headers"), POLLO_ATTEMPT_TIMEOUT: "2 seconds" }
    })
    expect(code).toBe(exitCodes.PolloTimeout.code)
    expect(lines(stdout).at(-1)).toBe("not compared with the published description: the body never ended")
  })

  it("asks once, whatever the policy says", async () => {
    const { stderr } = await run(["check", "--verbose"], {
      env: { ...at(server.baseUrl, "mock_503"), POLLO_MAX_RETRIES: "3" }
    })
    expect(stderr).toContain("1 attempt, GET")
  })
})

describe.concurrent("a server that is not to be trusted", () => {
  const serving = async (listener: RequestListener) => {
    const hostile = createServer(listener).listen(0, "127.0.0.1")
    await once(hostile, "listening")
    const address = hostile.address()
    const port = address !== null && typeof address === "object" ? address.port : 0
    return { url: `http://127.0.0.1:${port}`, [Symbol.dispose]: () => hostile.close() }
  }
  const key = "pk-canary-5f2c9a"

  it("cannot have the key printed, however it quotes it", async () => {
    using hostile = await serving((request, response) => {
      const quoted = String(request.headers["x-api-key"])
      response.writeHead(200, {
        "content-type": `application/${quoted}`,
        "x-request-id": quoted,
        "x-ratelimit-owner": quoted,
        [`ratelimit-${quoted}`]: "1"
      })
      response.end(JSON.stringify({ [quoted]: quoted, totalCredits: quoted }))
    })
    for (const args of [["--json"], ["--verbose"]]) {
      const { code, stderr, stdout } = await run(["check", ...args], { env: at(hostile.url, key) })
      expect(code).toBe(exitCodes.SpecDiffers.code)
      expect(stdout + stderr).not.toContain(key)
      expect(stdout).toContain("<redacted>")
    }
  })

  it("cannot have the key sent elsewhere with a redirect, and where it pointed is told", async () => {
    let reached = false
    using elsewhere = await serving((_, response) => {
      reached = true
      response.end()
    })
    using hostile = await serving((_, response) => response.writeHead(307, { location: elsewhere.url }).end())
    const { code, stdout } = await run(["check", "--json"], { env: at(hostile.url, key) })
    expect(code).toBe(exitCodes.SpecDiffers.code)
    expect(decode(stdout).differences).toMatchObject([{ name: "redirect", detail: `307 to ${elsewhere.url}` }])
    expect(reached).toBe(false)
  })

  it("is told to have cut a chunk short, and not to have malformed it", async () => {
    using hostile = await serving((_, response) => {
      response.writeHead(200, { "content-type": "application/json", connection: "close" })
      response.write("{", () => response.socket?.end("5\r\n{"))
    })
    const { stdout } = await run(["check", "--json"], { env: at(hostile.url, key) })
    expect(decode(stdout).differences).toMatchObject([{ name: "truncated" }])
  })

  it("cannot write to the terminal", async () => {
    using hostile = await serving((_, response) => {
      response.writeHead(401, { "content-type": "application/json" })
      response.end(JSON.stringify({ code: "NO\u001b[2J", message: "\u001b]0;owned\u0007\r\nline two\u202e" }))
    })
    const { code, stderr, stdout } = await run(["check"], { env: at(hostile.url, key) })
    expect(code).toBe(exitCodes.PolloUnauthorized.code)
    expect(lines(stderr)).toHaveLength(3)
    // oxlint-disable-next-line no-control-regex -- the very characters that must not be there
    expect(stdout + stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f\u202e]/)
  })
})
