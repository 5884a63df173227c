import { describe, expect, it } from "vitest"
import manifest from "../package.json" with { type: "json" }
import { exitCodes } from "../src/index.ts"
import { lines, run } from "./support/cli.ts"

const commands = ["balance", "budget", "check", "exporter", "help", "mock", "watch"]

describe.concurrent("help", () => {
  it("names every command, and is what no command at all prints", async () => {
    const asked = await run(["--help"])
    expect([asked.code, asked.stderr]).toEqual([0, ""])
    for (const command of commands) expect(asked.stdout).toMatch(new RegExp(`^  ${command} `, "m"))
    expect(asked.stdout).toContain("EXAMPLES")
    for (const command of ["balance", "watch", "check"]) {
      expect(asked.stdout).toMatch(new RegExp(`^  pollo-credits ${command}`, "m"))
    }
    expect(await run([])).toEqual(asked)
  })

  it.each(commands.filter((command) => command !== "help"))(
    "of %s shows examples that use it, and no escape sequences in a pipe",
    async (command) => {
      const { code, stdout } = await run([command, "--help"], { env: { FORCE_COLOR: "0" } })
      expect(code).toBe(0)
      expect(stdout).toContain("EXAMPLES")
      expect(stdout).toMatch(new RegExp(`^  pollo-credits ${command}`, "m"))
      expect(stdout).not.toContain("\u001b")
    }
  )

  it("is a command too, also for each command", async () => {
    expect(await run(["help"])).toEqual(await run(["--help"]))
    expect(await run(["help", "watch"])).toEqual(await run(["watch", "--help"]))
  })

  it("has colour when asked for it, and none with NO_COLOR", async () => {
    expect((await run(["--help"], { env: { FORCE_COLOR: "1" } })).stdout).toContain("\u001b[1m")
    expect((await run(["--help"], { env: { FORCE_COLOR: "1", NO_COLOR: "1" } })).stdout).not.toContain("\u001b")
  })

  it.each(commands)("of %s offers no flag for a key", async (command) => {
    const { stdout } = await run([command, "--help"])
    expect(stdout).not.toMatch(/--(api-)?key\b(?!-file)/)
  })
})

describe.concurrent("version and completions", () => {
  it("prints the version of the package", async () => {
    for (const flag of ["--version", "-v"]) {
      expect(await run([flag])).toEqual({ code: 0, stdout: `pollo-credits ${manifest.version}\n`, stderr: "" })
    }
  })

  it.each(["bash", "zsh", "fish", "powershell"])("writes completions for %s that know every command", async (shell) => {
    const { code, stderr, stdout } = await run(["--completions", shell])
    expect([code, stderr]).toEqual([0, ""])
    for (const word of [...commands, "api-key-file"]) expect(stdout).toContain(word)
  })
})

describe.concurrent("a mistake", () => {
  it.each([
    [["balnce"], "there is no such command; did you mean balance?", "pollo-credits"],
    [["help", "balnce"], "there is no such command; did you mean balance?", "pollo-credits"],
    [["balance", "--jsn"], "this command has no such flag; did you mean --json?", "pollo-credits balance"],
    [["balance", "--min", "many"], "--min must be a number of credits", "pollo-credits balance"],
    [["balance", "left", "over"], "this command takes no arguments", "pollo-credits balance"],
    [["check", "--allow", "all"], "--allow must be one of status, redirect, ", "pollo-credits check"],
    [["mock", "--port", "70000"], "--port must be a port, 0 to 65535", "pollo-credits mock"],
    [["exporter", "--account", "a"], "--account must be NAME=FILE", "pollo-credits exporter"],
    [["budget", "free"], "id is missing", "pollo-credits budget free"],
    [["budget", "fere", "x"], "there is no such command; did you mean free?", "pollo-credits budget"],
    [["mock", "--port", "0.5"], "--port must be a port, 0 to 65535", "pollo-credits mock"]
  ])("%j exits with 2 and points to the help, on standard error alone", async (args, message, command) => {
    const { code, stderr, stdout } = await run(args)
    expect([code, stdout]).toEqual([exitCodes.Misuse.code, ""])
    const written = lines(stderr)
    expect(written.length).toBeLessThanOrEqual(4)
    expect(written[0]).toContain(`pollo-credits: ${message}`)
    if (command !== "") expect(written.at(-1)).toBe(`  fix: see ${command} --help`)
  })
})
