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
          running.output.stdout.matchAll(/^ *export (\w+)=(.+)$/gm),
          ([, name = "", value = ""]) => [name, value]
        )
      )
      expect(Object.keys(found)).toEqual(["POLLO_BASE_URL", "POLLO_API_KEY"])
      return found
    }, { timeout: 15_000 })
    expect(await run(["balance"], { env: variables })).toMatchObject({ code: 0, stderr: "" })
    running.kill("SIGINT")
    expect(await running.ended).toMatchObject({ code: 0, stderr: "" })
  })

  const reachable = async (env: Readonly<Record<string, string>>) => {
    const running = start(["mock", "--port", "0", "--host", "0.0.0.0"], { env })
    const port = await vi.waitFor(() => {
      const [, found] = /:(\d+)\/api/.exec(running.output.stdout) ?? []
      expect(found).toBeDefined()
      return found
    }, { timeout: 15_000 })
    const admin = (headers: Readonly<Record<string, string>>) =>
      fetch(`http://127.0.0.1:${port}/__admin/settings`, { headers }).then(({ status }) => status)
    return { running, admin }
  }

  it("takes the variables of the mock server, and lets answers finish on SIGTERM", async () => {
    const running = start(["mock"], {
      env: { POLLO_MOCK_PORT: "0", POLLO_MOCK_PROFILE: "live", POLLO_MOCK_SLOW: "700" }
    })
    const base = await vi.waitFor(() => {
      const [, found] = /POLLO_BASE_URL=(\S+)/.exec(running.output.stdout) ?? []
      if (found === undefined) throw new Error(running.output.stdout)
      return found
    }, { timeout: 15_000 })
    const asking = run(["check", "--json"], { env: { POLLO_BASE_URL: base, POLLO_API_KEY: "mock_slow" } })
    await vi.waitFor(async () => {
      const answer = await fetch(`${new URL(base).origin}/__admin/requests`).then((response) => response.json())
      expect(answer).toMatchObject({ total: 1 })
    }, { timeout: 15_000 })
    running.kill("SIGTERM")
    expect(JSON.parse((await asking).stdout)).toMatchObject({ outcome: "conforms", answer: { form: "envelope" } })
    expect((await running.ended).code).toBe(0)
  })

  it("warns that the admin API is off where other machines reach it", async () => {
    const { admin, running } = await reachable({ POLLO_MOCK_ADMIN_TOKEN: "" })
    const status = await admin({})
    running.kill("SIGTERM")
    expect(status).toBe(403)
    expect((await running.ended).stderr).toBe(
      "pollo-credits mock: warning: other machines can reach 0.0.0.0, so the admin API is off; --admin-token switches it on\n"
    )
  })

  it("has the admin API on for the token of POLLO_MOCK_ADMIN_TOKEN", async () => {
    const { admin, running } = await reachable({ POLLO_MOCK_ADMIN_TOKEN: "canary" })
    const statuses = [await admin({ authorization: "Bearer canary" }), await admin({})]
    running.kill("SIGTERM")
    expect(statuses).toEqual([200, 401])
    const { stderr, stdout } = await running.ended
    expect(stderr).toContain("other machines can reach 0.0.0.0; the admin API asks for its token")
    expect(stdout + stderr).not.toContain("canary")
  })

  it("refuses a token that no header can carry, without a word of it", async () => {
    const { code, stderr } = await run(["mock", "--port", "0"], { env: { POLLO_MOCK_ADMIN_TOKEN: "canary token" } })
    expect(code).toBe(exitCodes.Misuse.code)
    expect(lines(stderr)[0]).toContain("pollo-credits mock: POLLO_MOCK_ADMIN_TOKEN must be ")
    expect(stderr).not.toContain("canary")
  })

  it("says that a port is in use", async () => {
    const { code, stderr, stdout } = await run(["mock", "--port", String(taken.port)])
    expect([code, stdout]).toEqual([exitCodes.Setup.code, ""])
    expect(stderr).toContain(`cannot listen on 127.0.0.1:${taken.port}: the port is in use. Choose another one`)
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
