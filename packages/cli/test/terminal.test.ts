import { createMockServer } from "@effect-pollo/mock-server"
import { afterAll, describe, expect, it } from "vitest"
import { at, bin, run } from "./support/cli.ts"
import { ctrlC, hasTerminal, open, openCli } from "./support/terminal.ts"

const server = await createMockServer().listen()
afterAll(() => server.close())

let tenants = 0
/** A key whose balance falls by a tenth of a credit each millisecond or so. */
const draining = async (availableCredits = 900): Promise<string> => {
  const key = `terminal.${tenants++}`
  await fetch(`${server.url}/__admin/accounts/${key}`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ availableCredits, totalCredits: 1000, drainPerMinute: 6000 })
  })
  return key
}

const reading = /^\d[\d,.]* of 1,000 {2}[█▏▎▍▌▋▊▉░]{10} \d+% {2}[▁▂▃▄▅▆▇█]+ {2}/

// Without a prebuilt pseudo-terminal for the platform there is nothing to look at.
describe.skipIf(!hasTerminal).concurrent("in a terminal (needs node-pty)", () => {
  it("a watch writes one line over and over, and Ctrl-C leaves nothing of it", async () => {
    const screen = openCli(["watch", "--every", "100 millis"], { env: at(server.baseUrl, await draining()) })
    await screen.until(([line = ""]) => / [\d,]+\/h, empty in \d+s {2}\d\d:\d\d:\d\d$/.test(line))
    expect(screen.lines()).toHaveLength(1)
    expect(screen.lines()[0]).toMatch(reading)
    const seen = screen.lines()[0]
    await screen.until(([line]) => line !== seen)
    screen.type(ctrlC)
    expect(await screen.ended).toBe(130)
    expect([screen.lines(), screen.cursor()]).toEqual([[], { column: 0, row: 0 }])
    expect(screen.raw()).not.toContain("\u001b[?25l")
  })

  it.skipIf(process.platform === "win32")("Ctrl-C gives the terminal back with the settings it had", async () => {
    const script = "trap : INT; stty -g; \"$0\" \"$1\" watch --every '1 second'; echo \"exit $?\"; stty -g"
    const screen = open("sh", ["-c", script, process.execPath, bin], { env: at(server.baseUrl, await draining()) })
    await screen.until((lines) => lines.some((line) => line.includes("of 1,000")))
    screen.type(ctrlC)
    expect(await screen.ended).toBe(0)
    const [before, exit, after, ...more] = screen.lines()
    expect([exit, after, more]).toEqual(["exit 130", before, []])
  })

  it("at 40 columns the figure, the burn rate and the time to empty are all there", async () => {
    const screen = openCli(["watch", "--every", "100ms"], { columns: 40, env: at(server.baseUrl, await draining()) })
    await screen.until(([line = ""]) => /^[\d,.]+( of 1,000)?( \d+%)? {2}[\d,]+\/h, (empty in )?\d+s$/.test(line))
    expect(screen.lines()).toHaveLength(1)
    screen.type(ctrlC)
    expect(await screen.ended).toBe(130)
  })

  it.each(["balance", "balance --json", "balance --verbose", "watch --every 10s"])(
    "%s tells of the wait before another attempt, and takes it away with the answer",
    async (command) => {
      const screen = openCli(command.split(" "), {
        env: { ...at(server.baseUrl, `mock_503_then_ok.${command.replaceAll(/\W/g, "")}`), POLLO_MAX_RETRIES: "1" }
      })
      await screen.until(([line]) => line === "retrying in 1s (503)…")
      if (command.startsWith("watch")) {
        await screen.until(([line = ""]) => line.includes("forecast after"))
        screen.type(ctrlC)
      }
      await screen.ended
      expect(screen.lines().join("\n")).not.toContain("retrying")
      if (!command.startsWith("watch")) expect(screen.lines()[0]).toMatch(/1,?000/)
    }
  )

  it("nothing is said of waits where standard error is no terminal", async () => {
    const env = { ...at(server.baseUrl, "mock_503_then_ok.quiet"), POLLO_MAX_RETRIES: "1" }
    expect((await run(["balance"], { env })).stderr).toBe("")
  })

  it("a narrow terminal gets a shorter line, not a second one", async () => {
    const screen = openCli(["watch", "--every", "50 millis"], {
      columns: 30,
      env: at(server.baseUrl, await draining())
    })
    await screen.until(() => screen.raw().split("\r").length > 4)
    expect(screen.lines()).toHaveLength(1)
    screen.type(ctrlC)
    await screen.ended
    expect(screen.lines()).toEqual([])
  })

  it("an alert and its failure stand above the live line", async () => {
    const screen = openCli(["watch", "--every", "200 millis", "--low", "850", "--exec", "sh -c 'echo told; exit 3'"], {
      env: at(server.baseUrl, await draining(840))
    })
    await screen.until((lines) =>
      lines.some((line) => line.includes("exited with 3")) && lines.some((line) => line.includes("/h, empty in"))
    )
    const [low, told, failed, live, ...more] = screen.lines()
    expect(low).toMatch(/^\S+Z low {10}[\d.]+ credits are left; 850 or fewer is low$/)
    expect([told, failed]).toEqual(["--exec: told", "pollo-credits: the command of --exec exited with 3"])
    expect(live).toMatch(reading)
    expect(more).toEqual([])
    screen.type(ctrlC)
    await screen.ended
    expect(screen.lines()).toEqual([low, told, failed])
  })

  it("a watch that ends by itself clears its line before it says why", async () => {
    const screen = openCli(["watch", "--every", "100 millis"], {
      env: at(server.baseUrl, "mock_ok_x3_then_unauthorized.terminal")
    })
    expect(await screen.ended).toBe(11)
    const lines = screen.lines().map((line) => line.slice(0, 44))
    expect(lines[0]).toMatch(/^\S+Z unreachable {2}the API di$/)
    expect(lines.slice(-3)).toEqual([
      "pollo-credits: the API did not accept the ke",
      "  why: the key is incomplete or something el",
      "  fix: put a current key into POLLO_API_KEY,"
    ])
    expect(lines.join("\n")).not.toContain("credits  ")
  })

  it("the bar has a colour where the variables of the field want one", async () => {
    const cases: ReadonlyArray<readonly [env: Record<string, string>, coloured: boolean]> = [
      [{}, true],
      [{ NO_COLOR: "1" }, false],
      [{ NO_COLOR: "1", FORCE_COLOR: "1" }, false],
      [{ NO_COLOR: "" }, true],
      [{ FORCE_COLOR: "0" }, false],
      [{ FORCE_COLOR: "false" }, false],
      [{ FORCE_COLOR: "1" }, true],
      [{ CLICOLOR: "0" }, false],
      [{ CLICOLOR: "1" }, true],
      [{ CLICOLOR: "0", CLICOLOR_FORCE: "1" }, true],
      [{ CLICOLOR_FORCE: "0" }, true],
      [{ CLICOLOR_FORCE: "1", FORCE_COLOR: "0" }, false]
    ]
    for (const [env, coloured] of cases) {
      const screen = openCli(["balance"], { env: { ...at(server.baseUrl, "mock_low_balance"), ...env } })
      expect(await screen.ended).toBe(0)
      expect(screen.lines()).toEqual(["         5 of      1,000 credits  ░░░░░░░░░░   1%"])
      expect(screen.raw().includes("\u001b[31m")).toBe(coloured)
    }
  })

  it.each([
    ["that cannot move the cursor", { TERM: "dumb" }, []],
    ["gets JSON when it asks for it", {}, ["--json"]]
  ])("a terminal %s: lines without escape sequences", async (_what, env, flags) => {
    const screen = openCli(["watch", "--every", "50 millis", ...flags], {
      env: { ...at(server.baseUrl, await draining()), ...env }
    })
    await screen.until((lines) => lines.length > 2)
    screen.type(ctrlC)
    expect(await screen.ended).toBe(130)
    expect(screen.raw()).not.toContain("\u001b")
  })
})
