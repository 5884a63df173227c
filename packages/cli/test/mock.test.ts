import { createMockServer } from "@effect-pollo/mock-server"
import { fileURLToPath } from "node:url"
import { afterAll, describe, expect, it, vi } from "vitest"
import { exitCodes } from "../src/index.ts"
import { lines, run, start } from "./support/cli.ts"

const taken = await createMockServer().listen()
afterAll(() => taken.close())

describe.concurrent("mock", () => {
  it("starts the mock server, prints the variables to set, and stops on Ctrl-C", async () => {
    const running = start(["mock", "--port", "0"])
    const variables = await vi.waitFor(() => {
      const found = Object.fromEntries(
        Array.from(
          running.output.stdout.matchAll(/^export (\w+)=(.+)$/gm),
          ([, name = "", value = ""]) => [name, value]
        )
      )
      expect(Object.keys(found)).toEqual(["POLLO_BASE_URL", "POLLO_API_KEY"])
      return found
    }, { timeout: 15_000 })
    expect(await run(["balance"], { env: variables })).toMatchObject({ code: 0, stderr: "" })
    running.kill("SIGINT")
    expect(await running.ended).toMatchObject({ code: exitCodes.Interrupted.code, stderr: "" })
  })

  it("says that a port is in use", async () => {
    const { code, stderr, stdout } = await run(["mock", "--port", String(taken.port)])
    expect([code, stdout]).toEqual([exitCodes.Setup.code, ""])
    expect(lines(stderr)).toEqual([
      `pollo-credits: cannot listen on 127.0.0.1:${taken.port}: the port is in use`,
      "  why: another program has the port, or this machine has no such address",
      "  fix: choose another --port (0 for any free one) or --host"
    ])
  })

  it("says what to install when the mock server is not", async () => {
    const hiding = fileURLToPath(new URL("support/hide-mock-server.ts", import.meta.url))
    const { code, stderr, stdout } = await run(["mock", "--port", "0"], { node: ["--import", hiding] })
    expect([code, stdout]).toEqual([exitCodes.Setup.code, ""])
    expect(lines(stderr)).toEqual([
      "pollo-credits: the mock server is not installed",
      "  why: it is a package of its own, for those who want it",
      "  fix: npm install @effect-pollo/mock-server, beside @effect-pollo/cli"
    ])
  })
})

it("a fault of the program itself is one line, not a stack, and has a code of its own", async () => {
  const breaking = fileURLToPath(new URL("support/break-mock-server.ts", import.meta.url))
  const { code, stderr, stdout } = await run(["mock", "--port", "0"], { node: ["--import", breaking] })
  expect([code, stdout]).toEqual([exitCodes.Defect.code, ""])
  expect(lines(stderr)).toEqual([
    "pollo-credits: a fault of this program: Error: broken on purpose",
    "  fix: please report it"
  ])
})
