/** `--api-key-file` names whatever a person typed: a file of any editor, a pipe, a device. */
import { createMockServer } from "@effect-pollo/mock-server"
import { execFileSync } from "node:child_process"
import { closeSync, constants, mkdtempSync, openSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it, vi } from "vitest"
import { exitCodes } from "../../src/index.ts"
import { bash, lines, run, start } from "../support/cli.ts"

const server = await createMockServer().listen()
const folder = mkdtempSync(join(tmpdir(), "pollo-credits-"))
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true })
})

const env = { POLLO_BASE_URL: server.baseUrl, POLLO_MAX_RETRIES: "0" }
const file = (name: string, content: string | Uint8Array, mode = 0o600): string => {
  const path = join(folder, name)
  writeFileSync(path, content, { mode })
  return path
}
const fifo = (name: string): string => {
  const path = join(folder, name)
  execFileSync("mkfifo", ["-m", "600", path])
  return path
}

describe.concurrent("a key file", () => {
  it.each<[string, string | Uint8Array]>([
    ["with a line break", "mock_fractional\n"],
    ["with empty lines", "mock_fractional\n\n\n"],
    ["with line breaks of Windows", "mock_fractional\r\n\r\n"],
    ["with white space around it", "\n \tmock_fractional \t\n"],
    ["with a byte order mark", "\uFEFFmock_fractional\n"],
    ["of PowerShell", Buffer.from("\uFEFFmock_fractional\r\n", "utf16le")]
  ])("%s is read", async (name, content) => {
    const { code, stderr, stdout } = await run(["balance", "--api-key-file", file(name, content)], { env })
    expect([code, stderr, stdout]).toEqual([0, "", expect.stringContaining("12.34")])
  })

  it.each<[string, string | Uint8Array, string]>([
    ["two keys", "canary-one\ncanary-two\n", "--api-key-file must be visible ASCII"],
    ["white space", " \n\r\n\t", "--api-key-file must not be empty"],
    ["a byte order mark", "\uFEFF", "--api-key-file must not be empty"],
    ["bytes", Uint8Array.of(1, 2, 255, 0), "--api-key-file must be visible ASCII"],
    ["a picture", new Uint8Array(70_000).fill(99), "the file of --api-key-file is too large to be a key"]
  ])("with %s is refused without a word of it", async (name, content, what) => {
    const { code, stderr } = await run(["balance", "--api-key-file", file(name, content)], { env })
    expect([code, lines(stderr)[0]]).toEqual([exitCodes.Setup.code, expect.stringContaining(what)])
    expect(stderr).not.toMatch(/canary-|ccccc/)
  })
})

describe.skipIf(process.platform !== "linux").concurrent("in the place of a key file", () => {
  it("a pipe of the shell is read, also when it takes its time", async () => {
    const read = await bash("pollo-credits balance --api-key-file <(sleep 0.5; echo mock_fractional)", env)
    expect([read.code, read.stderr, read.stdout]).toEqual([0, "", expect.stringContaining("12.34")])
    const piped = await bash("echo mock_fractional | pollo-credits balance --api-key-file /dev/stdin", env)
    expect([piped.code, piped.stderr]).toEqual([0, ""])
  })

  it("a named pipe is read once somebody writes to it", async () => {
    const path = fifo("late")
    const { code, stdout } = await bash(
      `{ sleep 0.7; echo mock_fractional > ${path}; } & pollo-credits balance --api-key-file ${path}`,
      env
    )
    expect([code, stdout]).toEqual([0, expect.stringContaining("12.34")])
  })

  it.each([
    ["a pipe that nobody writes to", () => fifo("silent"), "is a pipe or a device that says nothing"],
    ["a device without an end", () => "/dev/zero", "is too large to be a key"],
    ["a device without a beginning", () => "/dev/null", "must not be empty"],
    ["a folder", () => folder, "is no file"],
    ["a link to nothing", () => {
      symlinkSync("/nowhere", join(folder, "link"))
      return join(folder, "link")
    }, "does not exist"]
  ])("%s is refused in time", async (_what, path, what) => {
    const { code, stderr } = await run(["balance", "--api-key-file", path()], { env })
    expect([code, lines(stderr)[0]]).toEqual([exitCodes.Setup.code, expect.stringContaining(what)])
  })

  it("a pipe that says nothing can be left with Ctrl-C", async () => {
    const path = fifo("left")
    const running = start(["balance", "--api-key-file", path], { env })
    // A pipe can be opened for writing, without waiting, once somebody reads from it.
    const writer = await vi.waitFor(() => openSync(path, constants.O_WRONLY | constants.O_NONBLOCK), {
      timeout: 15_000
    })
    running.kill("SIGINT")
    const ended = await running.ended
    closeSync(writer)
    expect(ended).toMatchObject({ code: exitCodes.Interrupted.code, stdout: "", stderr: "" })
  })
})
