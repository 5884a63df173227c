import { spawn } from "node:child_process"
import { once } from "node:events"
import { openSync } from "node:fs"
import { describe, expect, it, onTestFinished } from "vitest"

const bin = new URL("../../src/bin.ts", import.meta.url).pathname

type Target = "pipe" | "full"

/** Every write to it fails, as to a disk without room. */
const full = (): number => openSync("/dev/full", "w")

const run = (
  args: ReadonlyArray<string>,
  stdout: Target,
  stderr: Target,
  env: Readonly<Record<string, string>> = {}
) => {
  const child = spawn(process.execPath, [bin, ...args], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ["ignore", stdout === "full" ? full() : "pipe", stderr === "full" ? full() : "pipe"]
  })
  onTestFinished(() => void child.kill("SIGKILL"))
  const output = { stdout: "", stderr: "" }
  child.stdout?.on("data", (chunk) => (output.stdout += chunk))
  child.stderr?.on("data", (chunk) => (output.stderr += chunk))
  return { child, output, exit: once(child, "close").then(([code]) => Number(code)) }
}

const port = 20_000 + (process.pid % 20_000)

const ask = (at: number) =>
  fetch(`http://127.0.0.1:${at}/api/platform/credit/balance`, { headers: { "x-api-key": "k" } })
    .then(({ status }) => status, () => "nobody")

describe.skipIf(process.platform !== "linux")("what cannot be printed", () => {
  it.each(["--help", "--version"])("is said, and %s is a failure then", async (flag) => {
    const { exit, output } = run([flag], "full", "pipe")
    expect(await exit).toBe(1)
    expect(output.stderr).toContain("pollo-mock: cannot write to stdout: ENOSPC")
  })

  it.each([["--help", 0], ["--nonsense", 2]] as const)("on stderr changes nothing: %s is %i", async (flag, code) => {
    expect(await run([flag], "pipe", "full").exit).toBe(code)
  })

  it.each([["full", "pipe"], ["pipe", "full"], ["full", "full"]] as const)(
    "ends no server: stdout is %s, stderr is %s",
    async (stdout, stderr) => {
      const { child, exit } = run(["--port", String(port), "--host", "0.0.0.0", "--verbose"], stdout, stderr, {
        POLLO_MOCK_NONSENSE: "1"
      })
      await expect.poll(() => ask(port), { timeout: 10_000 }).toBe(200)
      for (let n = 0; n < 3; n++) expect(await ask(port)).toBe(200)
      child.kill("SIGTERM")
      expect(await exit).toBe(0)
    }
  )

  it("does not end the server when the reader has left, and prints no message", async () => {
    const { child, exit, output } = run(["--port", String(port + 1), "--verbose"], "pipe", "pipe")
    await expect.poll(() => output.stdout, { timeout: 10_000 }).toContain("Ctrl-C")
    child.stdout?.destroy()
    for (let n = 0; n < 5; n++) expect(await ask(port + 1)).toBe(200)
    child.stderr?.destroy()
    child.kill("SIGTERM")
    expect(await exit).toBe(0)
    expect(output.stderr).toBe("")
  })
})
