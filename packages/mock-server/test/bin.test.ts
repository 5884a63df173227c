import { spawn } from "node:child_process"
import { once } from "node:events"
import { describe, expect, it, onTestFinished } from "vitest"
import manifest from "../package.json" with { type: "json" }
import { parseCommand } from "../src/cli.ts"
import { createMockServer } from "../src/index.ts"

const bin = new URL("../src/bin.ts", import.meta.url).pathname

const run = (args: ReadonlyArray<string>, env: Record<string, string> = {}) => {
  const child = spawn(process.execPath, [bin, ...args], { env: { PATH: process.env.PATH, ...env } })
  onTestFinished(() => void child.kill("SIGKILL"))
  const output = { stdout: "", stderr: "" }
  child.stdout.on("data", (chunk) => (output.stdout += chunk))
  child.stderr.on("data", (chunk) => (output.stderr += chunk))
  const exit = once(child, "close").then(([code, signal]) => ({ code, signal, ...output }))
  return { child, exit, output }
}

const started = async (args: ReadonlyArray<string>, env?: Record<string, string>) => {
  const running = run(args, env)
  await expect.poll(() => running.output.stdout, { timeout: 10_000 }).toContain("Ctrl-C")
  const lines = running.output.stdout.split("\n").map((line) => line.trim())
  const after = (prefix: string) => lines.find((line) => line.startsWith(prefix))?.slice(prefix.length) ?? ""
  return { ...running, after }
}

describe("pollo-mock", () => {
  it("prints an address, a curl line and an environment that work", async () => {
    const { after } = await started(["--port", "0"])
    const baseUrl = after("export POLLO_BASE_URL=")
    const key = after("export POLLO_API_KEY=")
    expect(baseUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/api\/platform$/)
    expect(baseUrl).toBe(`${after(`pollo-mock ${manifest.version} listens on `)}/api/platform`)
    const [, header = "", url = ""] = /^-H 'x-api-key: (.+)' (.+)$/.exec(after("curl ")) ?? []
    for (const [address, sent] of [[url, header], [`${baseUrl}/credit/balance`, key]] as const) {
      const response = await fetch(address, { headers: { "x-api-key": sent } })
      expect(await response.json()).toEqual({ availableCredits: 1000, totalCredits: 1000 })
    }
  })

  it.each(["SIGINT", "SIGTERM"] as const)("stops at once on %s, also with a request that hangs", async (signal) => {
    const { after, child, exit } = await started([], { POLLO_MOCK_PORT: "0" })
    const url = `${after("export POLLO_BASE_URL=")}/credit/balance`
    const hanging = fetch(url, { headers: { "x-api-key": "mock_hang" } }).catch(() => "cut off")
    await fetch(url)
    const before = performance.now()
    child.kill(signal)
    expect(await exit).toMatchObject({ code: 0, signal: null, stderr: "" })
    expect(performance.now() - before).toBeLessThan(2000)
    expect(await hanging).toBe("cut off")
  })

  it("says in one line that the port is in use, and exits with 1", async () => {
    await using taken = await createMockServer().listen()
    const { code, stderr, stdout } = await run(["--port", String(taken.port)]).exit
    expect([code, stdout]).toEqual([1, ""])
    expect(stderr).toBe(
      `pollo-mock: cannot listen on 127.0.0.1:${taken.port}: the port is in use. ` +
        "Choose another one, or port 0 for any free port\n"
    )
  })

  it("says in one line what is wrong with an option, and exits with 2", async () => {
    const { code, stderr, stdout } = await run(["--prot", "1"]).exit
    expect([code, stdout, stderr]).toEqual([2, "", "pollo-mock: Unknown option '--prot'. See pollo-mock --help\n"])
  })

  it("prints its version, and help that fits a screen", async () => {
    expect(await run(["--version"]).exit).toMatchObject({ code: 0, stdout: `${manifest.version}\n`, stderr: "" })
    const { code, stdout } = await run(["--help"]).exit
    expect(code).toBe(0)
    const lines = stdout.split("\n")
    expect(lines.length).toBeLessThan(25)
    for (const line of lines) expect(line.length).toBeLessThan(110)
    for (const name of ["--port", "--host", "POLLO_MOCK_PORT", "POLLO_MOCK_HOST", "4010", "127.0.0.1"]) {
      expect(stdout).toContain(name)
    }
  })
})

describe("the command line", () => {
  it.each([
    ["defaults", [], {}, { port: 4010, host: "127.0.0.1" }],
    ["flags", ["--port", "1", "--host=::1"], {}, { port: 1, host: "::1" }],
    ["the environment", [], { POLLO_MOCK_PORT: "2", POLLO_MOCK_HOST: "h" }, { port: 2, host: "h" }],
    ["a flag before the environment", ["--port", "3"], { POLLO_MOCK_PORT: "x" }, { port: 3, host: "127.0.0.1" }],
    ["an empty variable as unset", [], { POLLO_MOCK_PORT: "" }, { port: 4010, host: "127.0.0.1" }]
  ])("takes %s", (_what, argv, env, listen) => {
    expect(parseCommand(argv, env)).toEqual({ kind: "serve", listen })
  })

  it.each([
    [["--port", "65536"], {}, `--port must be a whole number from 0 to 65535, not "65536"`],
    [["--port", "1e3"], {}, `--port must be a whole number from 0 to 65535, not "1e3"`],
    [["--port="], {}, `--port must be a whole number from 0 to 65535, not ""`],
    [["--host="], {}, `--host must be a host name or an IP address, not ""`],
    [["--port"], {}, "Option '--port <value>' argument missing"],
    [["--port", "-1"], {}, "Option '--port' argument is ambiguous"],
    [["surplus"], {}, "Unexpected argument 'surplus'"],
    [[], { POLLO_MOCK_PORT: "-1" }, `POLLO_MOCK_PORT must be a whole number from 0 to 65535, not "-1"`]
  ])("refuses %j %j", (argv, env, message) => {
    expect(parseCommand(argv, env)).toEqual({ kind: "misuse", message })
  })
})
