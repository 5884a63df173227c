/** What a script is told, also when nobody reads and when the disk is full. */
import { createMockServer } from "@effect-pollo/mock-server"
import { createServer } from "node:http"
import { once } from "node:events"
import { afterAll, describe, expect, it } from "vitest"
import { exitCodes } from "../src/index.ts"
import { at, bash, run } from "./support/cli.ts"

const server = await createMockServer().listen()
afterAll(() => server.close())

/** Each command with each kind of end. */
const ends: ReadonlyArray<readonly [command: string, key: string, code: number]> = [
  ["balance", "mock_ok", 0],
  ["balance --min 500", "mock_low_balance", exitCodes.BelowMinimum.code],
  ["balance --min 500 --json", "mock_low_balance", exitCodes.BelowMinimum.code],
  ["balance --verbose", "mock_unauthorized", exitCodes.PolloUnauthorized.code],
  ["check", "mock_extra_field", exitCodes.SpecDiffers.code],
  ["check --json", "mock_extra_field", exitCodes.SpecDiffers.code],
  ["check --json", "mock_503", exitCodes.PolloServerError.code],
  ["watch --every 50ms", "mock_unauthorized", exitCodes.PolloUnauthorized.code],
  ["watch --every 50ms --json", "mock_forbidden", exitCodes.PolloForbidden.code],
  ["watch --every 50ms", "mock_ok", 0],
  ["balance --min many", "mock_ok", exitCodes.Misuse.code],
  ["balance --api-key-file /nowhere", "mock_ok", exitCodes.Setup.code],
  ["--help", "mock_ok", 0],
  ["balance --help", "mock_ok", 0],
  ["--version", "mock_ok", 0],
  ["--completions bash", "mock_ok", 0],
  ["", "mock_ok", 0]
]

describe.skipIf(process.platform === "win32").concurrent("an exit code", () => {
  it.each(ends)("does not depend on who reads: pollo-credits %s for %s is %i", async (command, key, code) => {
    expect(await bash(`pollo-credits ${command} | true`, at(server.baseUrl, key))).toMatchObject({ code, stdout: "" })
    // The same with nobody on standard error.
    const silent = await bash(`{ pollo-credits ${command} | true; } 2> >(true)`, at(server.baseUrl, key))
    expect(silent.code).toBe(code)
  })
})

describe.skipIf(process.platform !== "linux").concurrent("what cannot be written", () => {
  it.each([
    "balance",
    "balance --json",
    "check",
    "check --json",
    "watch --every 50ms",
    "watch --every 50ms --json",
    "--help",
    "watch --help",
    "help",
    "--version",
    "--completions zsh",
    ""
  ])("is said, and is no success: pollo-credits %s", async (command) => {
    const { code, stderr } = await bash(`pollo-credits ${command} > /dev/full`, at(server.baseUrl, "mock_ok"))
    expect([code, stderr.split("\n")[0]]).toEqual([
      exitCodes.Setup.code,
      "pollo-credits: standard output cannot be written (ENOSPC)"
    ])
  })

  it("does not take the place of a verdict, and both are told", async () => {
    const env = at(server.baseUrl, "mock_low_balance")
    const { code, stderr } = await bash("pollo-credits balance --min 500 > /dev/full", env)
    expect(code).toBe(exitCodes.BelowMinimum.code)
    expect(stderr).toContain("standard output cannot be written (ENOSPC)")
    expect(stderr).toContain("5 credits are left, fewer than the 500")
  })

  it("on standard error changes no exit code", async () => {
    const env = at(server.baseUrl, "mock_low_balance")
    expect(await bash("pollo-credits balance --min 500 2> /dev/full", env)).toMatchObject({ code: 4 })
    expect(await bash("pollo-credits balance --nonsense 2> /dev/full", env)).toMatchObject({ code: 2 })
    expect(await bash("pollo-credits balance --min 500 > /dev/full 2> /dev/full", env)).toMatchObject({ code: 4 })
  })
})

describe.concurrent("figures beyond all bounds", () => {
  const serving = async (body: string) => {
    const odd = createServer((_, response) => {
      response.writeHead(200, { "content-type": "application/json" }).end(body)
    }).listen(0, "127.0.0.1")
    await once(odd, "listening")
    const address = odd.address()
    const port = address !== null && typeof address === "object" ? address.port : 0
    return { env: at(`http://127.0.0.1:${port}`, "k"), [Symbol.dispose]: () => odd.close() }
  }

  it.each([
    ["1e308", "0.1"],
    ["1e308", "1e-320"],
    ["-1e308", "1e-5"],
    ["5e-324", "1e308"]
  ])("%s of %s is read, printed and encoded", async (available, total) => {
    using odd = await serving(`{"availableCredits":${available},"totalCredits":${total}}`)
    const json = await run(["balance", "--json"], { env: odd.env })
    expect([json.code, json.stderr]).toEqual([0, ""])
    const { availableCredits, share } = JSON.parse(json.stdout)
    expect(availableCredits).toBe(Number(available))
    expect(share === null || Number.isFinite(share)).toBe(true)
    const plain = await run(["balance"], { env: odd.env })
    expect([plain.code, plain.stderr]).toEqual([0, ""])
    expect(plain.stdout.length).toBeLessThan(100)
    expect(plain.stdout).not.toMatch(/Infinity|NaN|∞/)
  })

  it("make no line of a watch that is not JSON", async () => {
    let asked = 0
    const odd = createServer((_, response) => {
      const availableCredits = asked++ % 2 === 0 ? "1.7e308" : "-1.7e308"
      response.writeHead(200, { "content-type": "application/json" })
      response.end(`{"availableCredits":${availableCredits},"totalCredits":1e-300}`)
    }).listen(0, "127.0.0.1")
    await once(odd, "listening")
    const address = odd.address()
    const port = address !== null && typeof address === "object" ? address.port : 0
    const env = at(`http://127.0.0.1:${port}`, "k")
    for (const flags of ["--json", ""]) {
      const { code, stderr, stdout } = await bash(`pollo-credits watch --every 20ms ${flags} | head -12`, env)
      expect([code, stderr]).toEqual([0, ""])
      expect(stdout.trimEnd().split("\n")).toHaveLength(12)
      expect(stdout).not.toMatch(/Infinity|NaN|∞/)
    }
    odd.close()
  })

  it.each(["99999999999999", "9".repeat(400), "1.5", "Wed, 31 Feb 2099 00:00:00 GMT", "-5", "x"])(
    "a watch goes on after Retry-After: %s",
    async (retryAfter) => {
      let asked = 0
      const odd = createServer((_, response) => {
        if (asked++ % 2 === 0) response.writeHead(200).end("{\"availableCredits\":1,\"totalCredits\":2}")
        else response.writeHead(503, { "retry-after": retryAfter }).end()
      }).listen(0, "127.0.0.1")
      await once(odd, "listening")
      const address = odd.address()
      const port = address !== null && typeof address === "object" ? address.port : 0
      const { code, stderr, stdout } = await bash(
        "pollo-credits watch --every 20ms --json | head -2",
        at(`http://127.0.0.1:${port}`, "k")
      )
      odd.close()
      expect([code, stderr]).toEqual([0, ""])
      expect(stdout.trimEnd().split("\n").map((line) => JSON.parse(line)._tag)).toEqual(["Observed", "Unreachable"])
    }
  )
})
