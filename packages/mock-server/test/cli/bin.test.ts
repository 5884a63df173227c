import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it, onTestFinished } from "vitest"
import manifest from "../../package.json" with { type: "json" }
import { createMockServer } from "../../src/index.ts"

const bin = new URL("../../src/bin.ts", import.meta.url).pathname

const run = (args: ReadonlyArray<string>, env: Readonly<Record<string, string>> = {}) => {
  const child = spawn(process.execPath, [bin, ...args], { env: { PATH: process.env.PATH, ...env } })
  onTestFinished(() => void child.kill("SIGKILL"))
  const output = { stdout: "", stderr: "" }
  child.stdout.on("data", (chunk) => (output.stdout += chunk))
  child.stderr.on("data", (chunk) => (output.stderr += chunk))
  const exit = once(child, "close").then(([code, signal]) => ({ code, signal, ...output }))
  return { child, exit, output }
}

const started = async (args: ReadonlyArray<string>, env?: Readonly<Record<string, string>>) => {
  const running = run(["--port", "0", ...args], env)
  await expect.poll(() => running.output.stdout, { timeout: 10_000 }).toContain("Ctrl-C")
  const lines = running.output.stdout.split("\n").map((line) => line.trim())
  const after = (prefix: string) => lines.find((line) => line.startsWith(prefix))?.slice(prefix.length) ?? ""
  const baseUrl = after("export POLLO_BASE_URL=")
  const ask = (key: string) => fetch(`${baseUrl}/credit/balance`, { headers: { "x-api-key": key } })
  return { ...running, after, ask, baseUrl, url: baseUrl.replace("/api/platform", "") }
}

const configFile = async (content: unknown): Promise<string> => {
  const directory = await mkdtemp(join(tmpdir(), "pollo-mock-"))
  onTestFinished(() => rm(directory, { recursive: true }))
  const file = join(directory, "pollo.json")
  await writeFile(file, JSON.stringify(content))
  return file
}

describe("pollo-mock", () => {
  it("prints an address, a curl line and an environment that work", async () => {
    const { after, baseUrl } = await started([])
    const key = after("export POLLO_API_KEY=")
    expect(baseUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/api\/platform$/)
    expect(baseUrl).toBe(`${after(`pollo-mock ${manifest.version} listens on `)}/api/platform`)
    const [, header = "", url = ""] = /^-H 'x-api-key: (.+)' (.+)$/.exec(after("curl ")) ?? []
    for (const [address, sent] of [[url, header], [`${baseUrl}/credit/balance`, key]] as const) {
      const response = await fetch(address, { headers: { "x-api-key": sent } })
      expect(await response.json()).toEqual({ availableCredits: 1000, totalCredits: 1000 })
    }
  })

  it("warns of a variable that is no option, by name alone", async () => {
    const { output } = await started([], { POLLO_MOCK_ADMIN_TOKN: "s3cret" })
    expect(output.stderr).toBe("pollo-mock: warning: POLLO_MOCK_ADMIN_TOKN is no option, and is ignored\n")
  })

  it.each([
    [[], "profile documented): a success is flat"],
    [["--profile", "live"], "profile live): a success is in the envelope"]
  ])("says which form success has: %j", async (args, said) => {
    const { ask, output } = await started(args)
    expect(output.stdout.split("\n\n")[0]).toContain(said)
    const flat = { availableCredits: 1000, totalCredits: 1000 }
    expect(await (await ask("mock_ok")).json())
      .toEqual(args.length === 0 ? flat : { code: "SUCCESS", message: "success", data: flat })
  })

  it("says where the page is, which is there", async () => {
    const { output, url } = await started([])
    const [address = ""] = /http:\S+\/__admin\/$/m.exec(output.stdout) ?? []
    expect(address).toBe(`${url}/__admin/`)
    expect(await (await fetch(address)).text()).toContain("<title>pollo-mock</title>")
  })

  it("serves what its flags, its environment and its config file say", async () => {
    const config = await configFile({
      retryAfterSeconds: 7,
      accounts: {
        "team a": { availableCredits: 5, totalCredits: 50, steps: ["503", "ok"] },
        b: { availableCredits: 1 }
      }
    })
    const { ask } = await started(["--balance", "12.5", "--config", config], { POLLO_MOCK_TOTAL: "99" })
    expect(await (await ask("new")).json()).toEqual({ availableCredits: 12.5, totalCredits: 99 })
    const limited = await ask("team a")
    expect([limited.status, limited.headers.get("retry-after")]).toEqual([503, "7"])
    expect(await (await ask("team a")).json()).toEqual({ availableCredits: 5, totalCredits: 50 })
    expect(await (await ask("b")).json()).toEqual({ availableCredits: 1, totalCredits: 1 })
  })

  it.each([
    [{ k: { availableCredits: "five" } }, `accounts["k"]: availableCredits: must be a number`],
    [{ k: { availableCredits: 5, drain: 1 } }, `accounts["k"]: drain: is no field here`],
    [{ k: { steps: ["teapot"] } }, `accounts["k"]: `],
    [{ "k\n": { availableCredits: 5 } }, `accounts["k\\n"]: key: `]
  ])("names the account of a config file that it cannot open, and exits with 2: %j", async (accounts, message) => {
    const config = await configFile({ accounts })
    const { code, stderr, stdout } = await run(["--config", config, "--port", "0"]).exit
    expect([code, stdout]).toEqual([2, ""])
    expect(stderr).toContain(`pollo-mock: ${config}: ${message}`)
    expect(stderr.split("\n")).toHaveLength(2)
  })

  it("with --verbose, prints a line for each request that has ended", async () => {
    const { ask, output, url } = await started(["--verbose"])
    await ask("mock_503_then_ok.verbose")
    await ask("mock_503_then_ok.verbose")
    await fetch(`${url}/nowhere`)
    await ask("mock_reset").catch(() => undefined)
    const lines = () => output.stdout.split("Ctrl-C stops it.\n")[1]?.trimEnd().split("\n") ?? []
    await expect.poll(lines).toHaveLength(4)
    const path = "GET /api/platform/credit/balance"
    expect(lines().map((line) => line.replace(/^[\d:.]{12} /, "").replace(/ \d+ ms/, " _ ms"))).toEqual([
      `503 ${path} mock_503…1 503 #1 _ ms`,
      `200 ${path} mock_503…1 ok #2 _ ms`,
      "404 GET /nowhere no key _ ms",
      `--- ${path} mock_…2 reset #1 _ ms faulted`
    ])
  })

  it("colours those lines where colours are wanted", async () => {
    const wanted = await started(["--verbose"], { FORCE_COLOR: "1" })
    await wanted.ask("k")
    await expect.poll(() => wanted.output.stdout).toContain("\u001b[32m200\u001b[39m")
    const unwanted = await started(["--verbose"], { NO_COLOR: "1" })
    await unwanted.ask("k")
    await expect.poll(() => unwanted.output.stdout).toContain(" 200 GET")
    expect(unwanted.output.stdout).not.toContain("\u001b")
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

  it("prints the version of its package, and its help", async () => {
    for (const flag of ["--version", "-v"]) {
      expect(await run([flag]).exit).toMatchObject({
        code: 0,
        stdout: `pollo-mock ${manifest.version}\n`,
        stderr: ""
      })
    }
    const { code, stderr, stdout } = await run(["-h"]).exit
    expect([code, stderr]).toEqual([0, ""])
    expect(stdout).toMatch(/^Usage: pollo-mock/)
  })
})

describe("a host that other machines reach", () => {
  const health = (url: string, headers: Record<string, string> = {}) => fetch(`${url}/__admin/health`, { headers })

  it("has no admin API, and a warning says so", async () => {
    const { ask, output, url } = await started(["--host", "0.0.0.0"])
    expect(output.stderr).toBe(
      "pollo-mock: warning: other machines can reach 0.0.0.0, so the admin API is off; --admin-token switches it on\n"
    )
    expect(output.stdout).not.toContain("__admin")
    expect((await ask("k")).status).toBe(200)
    expect((await health(url)).ok).toBe(false)
  })

  it("has an admin API that asks for the token", async () => {
    const { output, url } = await started(["--host", "0.0.0.0"], { POLLO_MOCK_ADMIN_TOKEN: "s3cret" })
    expect(output.stderr).toContain("the admin API asks for its token")
    expect(output.stderr + output.stdout).not.toContain("s3cret")
    expect((await health(url)).status).toBe(401)
    expect((await health(url, { authorization: "Bearer s3cret" })).status).toBe(200)
  })

  it("is not the default, with which the admin API needs no token", async () => {
    const { output, url } = await started([])
    expect(await (await health(url)).json()).toEqual({ status: "ok" })
    expect(output.stderr).toBe("")
  })
})

describe("signals", () => {
  it.each(["SIGINT", "SIGTERM"] as const)("%s stops it at once, also with a request that hangs", async (signal) => {
    const { ask, child, exit } = await started([])
    const hanging = ask("mock_hang").catch(() => "cut off")
    await ask("k")
    const before = performance.now()
    child.kill(signal)
    expect(await exit).toMatchObject({ code: 0, signal: null, stderr: "" })
    expect(performance.now() - before).toBeLessThan(2000)
    expect(await hanging).toBe("cut off")
  })

  /** A server with a request on its way that a minute will not finish. */
  const busy = async (...args: ReadonlyArray<string>) => {
    const running = await started(["--slow", "60000", "--verbose", ...args])
    const slow = running.ask("mock_slow").then((response) => response.status, () => "cut off")
    await expect.poll(async () => {
      const answer = await fetch(`${running.url}/__admin/requests`)
      const { total }: { total: number } = await answer.json()
      return total
    }).toBe(1)
    return { ...running, slow }
  }

  it("SIGTERM lets answers finish, and takes no new connections", async () => {
    const { ask, child, exit } = await started(["--slow", "400"])
    const slow = ask("mock_slow").then((response) => response.json())
    await ask("k")
    child.kill("SIGTERM")
    await expect.poll(() => ask("k").catch(() => "refused")).toBe("refused")
    expect(await slow).toEqual({ availableCredits: 1000, totalCredits: 1000 })
    expect(await exit).toMatchObject({ code: 0, signal: null })
  })

  it("SIGTERM waits no longer than it was told to", async () => {
    const { child, exit, slow } = await busy("--grace", "50")
    child.kill("SIGTERM")
    expect(await exit).toMatchObject({ code: 0, signal: null })
    expect(await slow).toBe("cut off")
  })

  it("a second SIGTERM kills, and scripts can tell", async () => {
    const { ask, child, exit, slow } = await busy("--grace", "60000")
    child.kill("SIGTERM")
    await expect.poll(() => ask("k").catch(() => "refused")).toBe("refused")
    child.kill("SIGTERM")
    expect(await exit).toMatchObject({ code: 143, signal: null })
    expect(await slow).toBe("cut off")
  })

  it("Ctrl-C stops also a server that drains", async () => {
    const { ask, child, exit } = await busy("--grace", "60000")
    child.kill("SIGTERM")
    await expect.poll(() => ask("k").catch(() => "refused")).toBe("refused")
    child.kill("SIGINT")
    expect(await exit).toMatchObject({ code: 0, signal: null })
  })
})
