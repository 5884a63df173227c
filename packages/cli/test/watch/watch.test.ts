import { createMockServer } from "@effect-pollo/mock-server"
import { Schema } from "effect"
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { createServer } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { once } from "node:events"
import { afterAll, describe, expect, it, vi } from "vitest"
import { exitCodes, WatchOutput } from "../../src/index.ts"
import { at, lines, run, start } from "../support/cli.ts"

const server = await createMockServer().listen()
const folder = await mkdtemp(join(tmpdir(), "pollo-credits-"))
afterAll(async () => {
  await server.close()
  await rm(folder, { recursive: true })
})

const decode = Schema.decodeUnknownSync(Schema.fromJsonString(WatchOutput))

let tenants = 0
const account = async (body: Record<string, number>, key = `watch.${tenants++}`): Promise<string> => {
  await fetch(`${server.url}/__admin/accounts/${key}`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ totalCredits: 1000, ...body })
  })
  return key
}

const fast = ["watch", "--every", "50 millis"]
const written = (running: { readonly output: { readonly stdout: string } }, count: number) =>
  vi.waitFor(() => {
    if (lines(running.output.stdout).length < count) throw new Error(`not ${count} lines: ${running.output.stdout}`)
  }, { timeout: 15_000 })

describe.concurrent("a watch in a pipe", () => {
  it("writes a time-stamped line a reading, with the burn rate once there is one", async () => {
    const running = start(fast, {
      env: at(server.baseUrl, await account({ availableCredits: 900, drainPerMinute: 6000 }))
    })
    await written(running, 5)
    running.kill("SIGINT")
    const { code, stderr, stdout } = await running.ended
    expect([code, stderr]).toEqual([exitCodes.Interrupted.code, ""])
    expect(lines(stdout)[0]).toMatch(
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ observed {5} +[\d.]+ of {6}1,000 credits {2}.{10} +\d+% {2}forecast after 3 more readings$/
    )
    expect(lines(stdout)[2]).toMatch(/ {2}forecast after 1 more reading$/)
    expect(lines(stdout)[4]).toMatch(/ {2}[\d,]+\/h, empty in \d+s$/)
    expect(stdout).not.toContain("\u001b")
  })

  it("stops on SIGTERM with the same code", async () => {
    const running = start(fast, { env: at(server.baseUrl, await account({ availableCredits: 900 })) })
    await written(running, 4)
    running.kill("SIGTERM")
    const { code, stdout } = await running.ended
    expect(code).toBe(exitCodes.Interrupted.code)
    expect(lines(stdout)[3]).toMatch(/ {2}nothing spent$/)
  })

  it("writes an event a line as JSON: one Low a crossing, forecasts once they can be made", async () => {
    const key = await account({ availableCredits: 900, drainPerMinute: 6000 })
    const running = start([...fast, "--json", "--low", "2000", "--recover", "3000"], { env: at(server.baseUrl, key) })
    await written(running, 8)
    await account({ availableCredits: 5000, totalCredits: 6000 }, key)
    await vi.waitFor(() => expect(running.output.stdout).toContain("Recovered"), { timeout: 15_000 })
    running.kill("SIGINT")
    const { stdout } = await running.ended
    const tags = lines(stdout).map((line) => decode(line)._tag)
    expect(tags.slice(0, 6)).toEqual(["Observed", "Low", "Observed", "Observed", "Observed", "Forecast"])
    expect(tags.filter((tag) => tag === "Low")).toHaveLength(1)
    expect(tags).toEqual(expect.arrayContaining(["ToppedUp", "Recovered"]))
  })

  it("tells of an outage when it begins and when it ends, and goes on", async () => {
    const running = start([...fast, "--verbose"], { env: at(server.baseUrl, "mock_ok_then_503_x2_then_ok.watch") })
    await vi.waitFor(() => expect(running.output.stdout).toContain("reachable    after"), { timeout: 15_000 })
    running.kill("SIGINT")
    const { stderr, stdout } = await running.ended
    expect(lines(stdout)[1]).toMatch(
      /Z unreachable {2}the API failed: The service is not available \(503 SERVICE_UNAVAILABLE\)$/
    )
    expect(lines(stdout)[2]).toMatch(/Z reachable {4}after (\d+s|less than 1s)$/)
    expect(lines(stdout)[3]).toContain(" observed ")
    expect(stderr).toMatch(/^1 attempt, GET .*: 200 after .*\n1 attempt, GET .*: 503 after /)
  })

  it("ends with the exit code of a failure that waiting does not cure", async () => {
    const { code, stderr, stdout } = await run(fast, { env: at(server.baseUrl, "mock_ok_x2_then_unauthorized.watch") })
    expect([code, lines(stdout).length, lines(stderr).length]).toEqual([exitCodes.PolloUnauthorized.code, 3, 3])
    expect(lines(stdout)[2]).toContain("unreachable")
  })

  it.skipIf(process.platform === "win32")("ends well when its reader has seen enough", async () => {
    const running = start(fast, {
      env: at(server.baseUrl, await account({ availableCredits: 900 })),
      reads: "one line"
    })
    expect(await running.ended).toMatchObject({ code: 0, stderr: "" })
  })

  it.skipIf(process.platform !== "linux")("says when what it writes goes nowhere", async () => {
    for (const args of [fast, ["balance"], ["check"], ["balance", "--json"]]) {
      const { code, stderr } = await run(args, { env: at(server.baseUrl, "mock_ok"), writesTo: "/dev/full" })
      expect(code).toBe(exitCodes.Setup.code)
      expect(lines(stderr)[0]).toBe("pollo-credits: standard output cannot be written (ENOSPC)")
    }
  })
})

describe.concurrent("flags of a watch", () => {
  it.each([
    [["--every", "0 seconds"], "--every must be a time above zero, such as 30s"],
    [
      ["--every", "soon"],
      "--every must be a time above zero, such as 30s, 5m, 1h30m, PT90S or \"30 seconds\""
    ],
    [["--low", "few"], "--low must be a number of credits"],
    [["--exec", "mail"], "--exec, --webhook and --recover need --low: they are about a low balance"],
    [["--webhook", "https://example.com"], "--exec, --webhook and --recover need --low: they are about a low balance"],
    [["--recover", "5"], "--exec, --webhook and --recover need --low: they are about a low balance"],
    [["--low", "9", "--recover", "5"], "--recover must not be lower than --low"],
    [["--low", "9", "--exec", " "], "--exec needs a command"],
    [
      ["--low", "9", "--exec", "mail | wc"],
      "--exec: The operator \"|\" needs a shell; with a shell: --exec \"sh -c '…'\""
    ],
    [
      ["--low", "9", "--exec", "mail $WHO"],
      "--exec: The expansion \"$W\" needs a shell; with a shell: --exec \"sh -c '…'\""
    ],
    [
      ["--low", "9", "--webhook", "nowhere"],
      "--webhook must be an https URL; plain http is for loopback addresses alone"
    ],
    [["--low", "9", "--webhook", "http://example.com"], "--webhook must be an https URL; plain http is for loopback"],
    [["--low", "9", "--webhook", "https://a:b@example.com"], "--webhook must not contain a user name or password"]
  ])("%j exits with 2 before anything is sent", async (flags, message) => {
    const { code, stderr, stdout } = await run(["watch", ...flags], { env: at("http://127.0.0.1:9", "mock_ok") })
    expect([code, stdout]).toEqual([exitCodes.Misuse.code, ""])
    expect(lines(stderr)[0]).toContain(`pollo-credits: ${message}`)
    expect(lines(stderr).length).toBeLessThanOrEqual(4)
  })
})

describe.concurrent("an alert", () => {
  const node = `"${process.execPath}"`
  const low = (...args: ReadonlyArray<string>) => ["watch", "--every", "50 millis", "--low", "10", ...args]

  it("runs the command without a shell, with the event and nothing else on its standard input, and no key", async () => {
    const file = join(folder, "told.json")
    const program = "let text = ''; process.stdin.on('data', (d) => text += d).on('end', () => " +
      "require('fs').writeFileSync(process.argv[1], JSON.stringify([text, process.argv.slice(2), process.env.POLLO_API_KEY])))"
    const { code, stderr } = await run(low("--exec", `${node} -e "${program}" ${file} 'a b' '$HOME;*'`), {
      env: at(server.baseUrl, "mock_low_balance_then_unauthorized.exec")
    })
    expect([code, lines(stderr).length]).toEqual([exitCodes.PolloUnauthorized.code, 3])
    const [text, args, ...key] = JSON.parse(await readFile(file, "utf8"))
    expect(decode(text)).toMatchObject({ _tag: "Low", lowAt: 10, balance: { availableCredits: 5, totalCredits: 1000 } })
    expect([text.endsWith("}\n"), args, key]).toEqual([true, ["a b", "$HOME;*"], [null]])
  })

  it.each([
    ["exits with a code", `${node} -e "process.exit(3)"`, "pollo-credits: the command of --exec exited with 3"],
    ["does not read its input", `${node} -e "process.stdin.destroy(); process.exit(4)"`, "exited with 4"],
    ["is killed", `${node} -e "process.kill(process.pid, 'SIGKILL')"`, "pollo-credits: the command of --exec failed: "],
    ["is not there", "/nowhere/at-all", "pollo-credits: the command of --exec failed: "]
  ])("reports a command that %s, and the watch goes on", async (_what, exec, told) => {
    const key = await account({ availableCredits: 5 })
    const running = start(low("--exec", exec), { env: at(server.baseUrl, key) })
    await vi.waitFor(() => expect(running.output.stderr).toContain(told), { timeout: 15_000 })
    await written(running, lines(running.output.stdout).length + 1)
    running.kill("SIGINT")
    const { code, stderr } = await running.ended
    expect([code, lines(stderr).length]).toEqual([exitCodes.Interrupted.code, 1])
  })

  it("shows what the command prints on standard error, so that standard output stays JSON", async () => {
    const { stderr, stdout } = await run(
      low("--json", "--exec", `${node} -e "console.log('one'); console.error('two')"`),
      {
        env: at(server.baseUrl, "mock_low_balance_then_unauthorized.prints")
      }
    )
    expect(lines(stdout).map((line) => decode(line)._tag)).toEqual(["Observed", "Low", "Unreachable"])
    expect(lines(stderr).slice(0, 2).toSorted()).toEqual(["--exec: one", "--exec: two"])
  })

  it("that still runs when the watch is stopped is stopped too", async () => {
    const program = "console.log(process.pid); setInterval(() => {}, 1000)"
    const running = start(low("--exec", `${node} -e "${program}"`), {
      env: at(server.baseUrl, await account({ availableCredits: 5 }))
    })
    const pid = await vi.waitFor(() => {
      const [, found] = /^--exec: (\d+)$/m.exec(running.output.stderr) ?? []
      if (found === undefined) throw new Error("not started")
      return Number(found)
    }, { timeout: 15_000 })
    running.kill("SIGINT")
    expect((await running.ended).code).toBe(exitCodes.Interrupted.code)
    expect(() => process.kill(pid, 0)).toThrow("ESRCH")
  })

  it("is posted to the webhook, and again while the server there fails", async () => {
    const bodies: Array<readonly [string | undefined, string | undefined, string]> = []
    const hook = createServer(async (request, response) => {
      let text = ""
      for await (const chunk of request) text += chunk
      bodies.push([request.method, request.headers["content-type"], text])
      expect(request.headers).not.toHaveProperty("x-api-key")
      response.writeHead(bodies.length === 1 ? 503 : 204).end()
    }).listen(0, "127.0.0.1")
    await once(hook, "listening")
    const address = hook.address()
    const port = address !== null && typeof address === "object" ? address.port : 0
    const { code, stderr } = await run(low("--webhook", `http://127.0.0.1:${port}/hook/secret`), {
      env: at(server.baseUrl, "mock_low_balance_then_unauthorized.hook")
    })
    hook.close()
    expect([code, lines(stderr).length]).toEqual([exitCodes.PolloUnauthorized.code, 3])
    expect(bodies).toHaveLength(2)
    const [first, second] = bodies
    expect(second).toEqual(first)
    expect(first?.slice(0, 2)).toEqual(["POST", "application/json"])
    expect(decode(first?.[2])).toMatchObject({ _tag: "Low", balance: { availableCredits: 5 } })
    // What a chat shows of it, without anything in between.
    expect(JSON.parse(first?.[2] ?? "")).toMatchObject({
      _tag: "Low",
      lowAt: 10,
      text: "Pollo AI: 5 of 1,000 credits are left; 10 or fewer is low"
    })
  })
})
