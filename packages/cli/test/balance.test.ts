import { createMockServer } from "@effect-pollo/mock-server"
import { Schema } from "effect"
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { BalanceOutput, exitCodes } from "../src/index.ts"
import { at, lines, run } from "./support/cli.ts"

const server = await createMockServer({ slowMillis: 5000 }).listen()
let folder = ""
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pollo-credits-"))
})
afterAll(async () => {
  await server.close()
  await rm(folder, { recursive: true })
})

/** A file in the folder of this run, readable by its owner alone unless `mode` says otherwise. */
const keyFile = async (name: string, content: string, mode = 0o600): Promise<string> => {
  const path = join(folder, name)
  await writeFile(path, content)
  await chmod(path, mode)
  return path
}

const decode = Schema.decodeUnknownSync(Schema.fromJsonString(BalanceOutput), { onExcessProperty: "error" })

describe.concurrent("balance", () => {
  it.each([
    ["mock_ok", "     1,000 of      1,000 credits  ██████████ 100%"],
    ["mock_low_balance", "         5 of      1,000 credits  ░░░░░░░░░░   1%"],
    ["mock_fractional", "     12.34 of      1,000 credits  ▏░░░░░░░░░   1%"],
    ["mock_negative", "       -15 of      1,000 credits  ░░░░░░░░░░  -1%"],
    ["mock_envelope", "     1,000 of      1,000 credits  ██████████ 100%"]
  ])("prints one line for %s, without colour in a pipe", async (key, line) => {
    expect(await run(["balance"], { env: at(server.baseUrl, key) })).toEqual({
      code: 0,
      stdout: `${line}\n`,
      stderr: ""
    })
  })

  it("prints one JSON object that its schema describes in full", async () => {
    const { code, stderr, stdout } = await run(["balance", "--json"], { env: at(server.baseUrl, "mock_fractional") })
    expect([code, stderr, lines(stdout).length]).toEqual([0, "", 1])
    const { observedAt, ...rest } = decode(stdout)
    expect(rest).toEqual({ availableCredits: 12.34, totalCredits: 1000, share: 0.01234, min: null, belowMin: false })
    expect(Math.abs(Date.now() - observedAt.epochMilliseconds)).toBeLessThan(60_000)
  })

  it("exits with 4 and says why when fewer credits are left than --min", async () => {
    const { code, stderr, stdout } = await run(["balance", "--min", "5.5", "--json"], {
      env: at(server.baseUrl, "mock_low_balance")
    })
    expect(code).toBe(exitCodes.BelowMinimum.code)
    expect(decode(stdout)).toMatchObject({ availableCredits: 5, min: 5.5, belowMin: true })
    expect(lines(stderr)).toEqual([
      "pollo-credits: 5 credits are left, fewer than the 5.5 asked for with --min",
      "  why: jobs spent them, or credits of the account ran out of time",
      "  fix: buy credits: https://pollo.ai/api-platform/billing"
    ])
  })

  it("exits with 0 when exactly --min credits are left", async () => {
    const { code } = await run(["balance", "--min", "5"], { env: at(server.baseUrl, "mock_low_balance") })
    expect(code).toBe(0)
  })

  it("tells attempts, waits and the request id with --verbose, on standard error", async () => {
    const { code, stderr, stdout } = await run(["balance", "--verbose"], {
      env: { ...at(server.baseUrl, "mock_500_then_ok.verbose"), POLLO_MAX_RETRIES: "1" }
    })
    expect([code, lines(stdout).length]).toEqual([0, 1])
    expect(stderr).toMatch(
      /^2 attempts, GET http:\/\/127\.0\.0\.1:\d+\/api\/platform\/credit\/balance: 500 after .*s, waited .*s, 200 after .*s; request id .+\n$/
    )
  })

  it.each([
    ["mock_truncated", "5 seconds", /: 200, then broken after \d+ms;/],
    ["mock_hang_after_headers", "2 seconds", /: 200, then no end after [12]s/],
    ["mock_hang", "2 seconds", /: no answer after [12]s/],
    ["mock_oversized", "5 seconds", /: 200 after /]
  ])("counts the body into an attempt, and tells how it failed: %s", async (key, timeout, line) => {
    const { stderr } = await run(["balance", "--verbose"], {
      env: { ...at(server.baseUrl, key), POLLO_ATTEMPT_TIMEOUT: timeout }
    })
    expect(lines(stderr)[3]).toMatch(line)
  })

  it("adds one line of the same to a failure", async () => {
    const { code, stderr } = await run(["balance", "--verbose"], { env: at(server.baseUrl, "mock_unauthorized") })
    expect(code).toBe(exitCodes.PolloUnauthorized.code)
    expect(lines(stderr)).toHaveLength(4)
    expect(lines(stderr)[3]).toMatch(/^ {2}1 attempt, GET .*: 401 after .*s; request id .+$/)
  })
})

describe.concurrent("the key", () => {
  it("comes from a file before the environment", async () => {
    const path = await keyFile("key", "mock_fractional\n")
    const { code, stderr, stdout } = await run(["balance", "--api-key-file", path], {
      env: at(server.baseUrl, "mock_unauthorized")
    })
    expect([code, stderr]).toEqual([0, ""])
    expect(stdout).toContain("12.34")
  })

  it.skipIf(process.platform === "win32")("from a file that others may read is used with a warning", async () => {
    const path = await keyFile("open", "mock_ok", 0o640)
    const { code, stderr } = await run(["balance", "--api-key-file", path], { env: { POLLO_BASE_URL: server.baseUrl } })
    expect(code).toBe(0)
    expect(stderr).toBe(`pollo-credits: warning: other users may read ${path} (mode 640); run chmod 600 on it\n`)
  })

  it.each([
    ["POLLO_API_KEY is not set", () => []],
    ["--api-key-file must not be empty", async () => ["--api-key-file", await keyFile("empty", "\n")]],
    ["--api-key-file must be visible", async () => ["--api-key-file", await keyFile("two", "canary\nkey\n")]],
    ["the file of --api-key-file does not exist\n", () => ["--api-key-file", join(folder, "canary")]],
    ["the file of --api-key-file is no file: ", () => ["--api-key-file", folder]],
    [
      "the file of --api-key-file is too large to be a key: ",
      async () => ["--api-key-file", await keyFile("large", "canary".repeat(20_000))]
    ]
  ])("that is no key is told without a word of it: %s", async (what, flags) => {
    const { code, stderr, stdout } = await run(["balance", ...await flags()], {
      env: { POLLO_BASE_URL: server.baseUrl }
    })
    expect([code, stdout, lines(stderr).length]).toEqual([exitCodes.Setup.code, "", 3])
    expect(stderr).toContain(`pollo-credits: ${what}`)
    expect(stderr).not.toContain("canary")
  })

  it("in the environment that is no key is told without a word of it", async () => {
    const { code, stderr } = await run(["balance"], { env: at(server.baseUrl, "canary key") })
    expect(code).toBe(exitCodes.Setup.code)
    expect(stderr).toContain("pollo-credits: POLLO_API_KEY must be visible ASCII")
    expect(stderr).not.toContain("canary")
  })

  it.each([[["--api-key", "canary"]], [["--api-key=canary"]], [["--key", "canary"]]])(
    "in place of a flag is refused, and not repeated: %j",
    async (args) => {
      const { code, stderr, stdout } = await run(["balance", ...args])
      expect([code, stdout]).toEqual([exitCodes.Misuse.code, ""])
      expect(stderr).not.toContain("canary")
      expect(stderr).toContain("put the key into POLLO_API_KEY or a file for --api-key-file")
    }
  )

  it("as an argument is refused, and not repeated", async () => {
    const { code, stderr } = await run(["balance", "canary"])
    expect(code).toBe(exitCodes.Misuse.code)
    expect(stderr).not.toContain("canary")
  })
})

describe.concurrent("a variable that cannot be used", () => {
  it.each([
    ["POLLO_BASE_URL", "http://example.com", "must be https, since the key travels in a header"],
    ["POLLO_BASE_URL", "nowhere", "must be an absolute URL, such as https://pollo.ai/api/platform"],
    ["POLLO_ATTEMPT_TIMEOUT", "soon", "must be a duration, such as \"5 seconds\""],
    ["POLLO_MAX_RETRIES", "-1", "must be a whole number, 0 or more"]
  ])("exits with 3 and names it: %s=%s", async (name, value, problem) => {
    const { code, stderr, stdout } = await run(["balance"], {
      env: { ...at(server.baseUrl, "mock_ok"), [name]: value }
    })
    expect([code, stdout, lines(stderr).length]).toEqual([exitCodes.Setup.code, "", 3])
    expect(lines(stderr)[0]).toBe(`pollo-credits: ${name} ${problem}`)
  })
})

describe.concurrent("each failure of the union", () => {
  it.each(
    [
      ["PolloBadRequest", "mock_bad_request", "the API refused the request: Input validation failed; Unexpected query"],
      [
        "PolloUnauthorized",
        "mock_unauthorized",
        "the API did not accept the key: The API key is not valid (401 UNAUTH"
      ],
      ["PolloForbidden", "mock_forbidden", "the key may not read the balance: "],
      ["PolloNotFound", "mock_not_found", "the API does not know this key: Not found (404 NOT_FOUND)"],
      ["PolloRateLimited", "mock_rate_limited", "the API asks to slow down: Too many requests (429 TOO_MANY_REQUESTS)"],
      ["PolloServerError", "mock_502", "the API failed: the server answered with status 502 (502 HTTP_502)"],
      ["PolloApiError", "mock_409", "the API gave an unusual answer: "],
      ["PolloTransportError", "mock_reset", "no whole answer from the API (ECONNRESET)"],
      ["PolloTransportError", "mock_truncated", "no whole answer from the API"],
      ["PolloTimeout", "mock_hang", "no answer within 300ms, the limit of one attempt"],
      ["PolloInvalidResponse", "mock_not_json", "the API answered with status 200 and a body that is not JSON"],
      ["PolloInvalidResponse", "mock_missing_field", "the API answered with status 200 and a body that is no balance"],
      ["PolloInvalidResponse", "mock_oversized", "the API answered with status 200 and a body far too large for a"],
      ["PolloInvalidResponse", "mock_redirect", "the API answered with a redirect, which is not followed: the key"]
    ] as const
  )("%s: %s exits with its own code in three lines", async (tag, key, what) => {
    const { code, stderr, stdout } = await run(["balance", "--json"], {
      env: { ...at(server.baseUrl, key), ...key === "mock_hang" ? { POLLO_ATTEMPT_TIMEOUT: "300 millis" } : {} }
    })
    expect([code, stdout]).toEqual([exitCodes[tag].code, ""])
    const [first, ...rest] = lines(stderr)
    expect(first?.startsWith(`pollo-credits: ${what}`), stderr).toBe(true)
    expect(rest.map((line) => line.slice(0, 7))).toEqual(["  why: ", "  fix: "])
    expect(stderr).not.toMatch(/\n\s+at /)
  })

  it("a deadline that passes is told with its limit", async () => {
    const { code, stderr } = await run(["balance"], {
      env: { ...at(server.baseUrl, "mock_hang"), POLLO_DEADLINE: "250 millis" }
    })
    expect(code).toBe(exitCodes.PolloTimeout.code)
    expect(lines(stderr)[0]).toBe("pollo-credits: no answer within 250ms, all attempts and waits included")
  })

  it("a refused connection says that nothing listens", async () => {
    const { promise, resolve } = Promise.withResolvers<number>()
    const listener = createServer().listen(0, "127.0.0.1", () => {
      const address = listener.address()
      const port = address !== null && typeof address === "object" ? address.port : 0
      listener.close(() => resolve(port))
    })
    const { code, stderr } = await run(["balance"], { env: at(`http://127.0.0.1:${await promise}`, "mock_ok") })
    expect(code).toBe(exitCodes.PolloTransportError.code)
    expect(lines(stderr).slice(0, 2)).toEqual([
      "pollo-credits: no whole answer from the API (ECONNREFUSED)",
      "  why: nothing listens at that address"
    ])
  })
})
