import { build } from "esbuild"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest"
import { createMockServer } from "../src/index.ts"
import { namedSteps, read } from "./support.ts"

const entry = join(import.meta.dirname, "../src/index.ts")
const worker = join(import.meta.dirname, "runtimes/worker.ts")
const bin = (name: string): string => join(import.meta.dirname, "../node_modules/.bin", name)

const bundle = (entryPoint: string, conditions: ReadonlyArray<string>) =>
  build({
    entryPoints: [entryPoint],
    bundle: true,
    format: "esm",
    target: "es2024",
    conditions: [...conditions],
    external: ["node:*"],
    metafile: true,
    write: false
  })

const workerdConfig = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "mock", worker = (
    modules = [(name = "worker", esModule = embed "worker.js")],
    compatibilityDate = "2026-01-01"
  ))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "mock")]
);
`

interface Runtime {
  readonly name: string
  /** The command that serves the worker on any free port and says which one it took. */
  readonly command: (directory: string) => Promise<readonly [string, ...Array<string>]>
}

const runtimes: ReadonlyArray<Runtime> = [
  { name: "Bun", command: async () => [bin("bun"), "run", worker] },
  {
    name: "Deno",
    command: async () => [bin("deno"), "serve", "--no-lock", "--allow-net", "--host=127.0.0.1", "--port=0", worker]
  },
  {
    name: "workerd",
    command: async (directory) => {
      const { outputFiles: [script] } = await bundle(worker, ["workerd", "worker", "browser"])
      await writeFile(join(directory, "worker.js"), script?.contents ?? "")
      await writeFile(join(directory, "config.capnp"), workerdConfig)
      return [bin("workerd"), "serve", "--control-fd=1", join(directory, "config.capnp")]
    }
  }
]

const announcedPort = /(?:localhost:|127\.0\.0\.1:|"port":)(\d+)/

const serve = async ({ command, name }: Runtime) => {
  const directory = await mkdtemp(join(tmpdir(), "pollo-mock-"))
  const [file, ...args] = await command(directory)
  // In a group of its own: what npm installs as a command may only start the program, and outlive it.
  const child = spawn(file, args, { detached: true, env: { ...process.env, PORT: "0" } })
  const exited = once(child, "exit")
  let output = ""
  const port = new Promise<string>((resolve, reject) => {
    const hear = (chunk: Buffer): void => {
      output += chunk.toString()
      const [, announced] = announcedPort.exec(output) ?? []
      if (announced !== undefined) resolve(announced)
    }
    child.stdout.on("data", hear)
    child.stderr.on("data", hear)
    exited.then(() => reject(new Error(`${name} stopped: ${output}`)), reject)
  })
  const stop = async (): Promise<void> => {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL")
    await exited
    await rm(directory, { recursive: true })
  }
  return { url: `http://127.0.0.1:${await port}`, stop }
}

const path = "/api/platform/credit/balance"
const whole = namedSteps.filter(({ step }) => step.fault === undefined)

describe.each(runtimes)("on $name", (runtime) => {
  let server = { url: "", stop: async (): Promise<void> => {} }
  beforeAll(async () => {
    server = await serve(runtime)
  })
  afterAll(() => server.stop())

  const ask = async (key: string) =>
    read(await fetch(server.url + path, { headers: { "x-api-key": key }, redirect: "manual" }))

  it.each(whole)("mock_$name is answered as it is on Node", async ({ name }) => {
    const key = `mock_${name}`
    const onNode = createMockServer({ slowMillis: 1 })
    const expected = await read(await onNode.fetch(new Request(server.url + path, { headers: { "x-api-key": key } })))
    const seen = await ask(key)
    expect([seen.status, seen.text]).toEqual([expected.status, expected.text])
    for (const header of ["content-type", "retry-after", "location"]) {
      expect([header, seen.headers.get(header)]).toEqual([header, expected.headers.get(header)])
    }
  })

  it("takes the steps of a plan one by one", async () => {
    const statuses: Array<number> = []
    for (let request = 0; request < 4; request++) statuses.push((await ask("mock_503_x2_then_ok.plan")).status)
    expect(statuses).toEqual([503, 503, 200, 200])
  })

  it("keeps books, clocks and a journal, and has the admin API", async () => {
    const admin = async (method: string, call: string, body?: object) => {
      const response = await fetch(`${server.url}/__admin${call}`, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } })
      })
      return response.json()
    }
    const account = { availableCredits: 100, drainPerMinute: 10 }
    await admin("PUT", "/accounts/books", account)
    await admin("POST", "/clock/books/freeze")
    await admin("POST", "/accounts/books/spend", { credits: 30 })
    await admin("POST", "/clock/books/advance", { millis: 60_000 })
    expect(JSON.parse((await ask("books")).text)).toEqual({ availableCredits: 60, totalCredits: 100 })
    const { requests } = await admin("GET", "/requests?key=books")
    expect(requests).toEqual([expect.objectContaining({ step: "ok", status: 200, attempt: 1, outcome: "sent" })])
  })

  it("shows its page, and tells it what happens, as it happens", async () => {
    expect((await read(await fetch(`${server.url}/__admin/`))).text).toContain("<title>pollo-mock</title>")
    const { body } = await fetch(`${server.url}/__admin/events`)
    const reader = (body ?? expect.fail("no body")).pipeThrough(new TextDecoderStream()).getReader()
    const heard: Array<string> = []
    const hear = async (what: string): Promise<void> => {
      while (!heard.join("").includes(what)) {
        const { done, value = "" } = await reader.read()
        if (done) expect.fail(`the stream ended after ${heard.join("")}`)
        heard.push(value)
      }
    }
    await hear("event: state")
    await ask("mock_503_x2_then_ok.watched")
    await hear("event: requests")
    await hear("\"step\":\"503\"")
    await reader.cancel()
  })

  it("says which steps need Node's sockets", async () => {
    const { status, text } = await ask("mock_reset")
    expect(status).toBe(599)
    expect(text).toContain(`SocketRequiredError: the step "reset" needs a socket`)
  })
})

describe("listen", () => {
  const listenOn = async (name: string): Promise<string> => {
    const { stop, url } = await serve(runtimes.find((runtime) => runtime.name === name) ?? expect.fail())
    onTestFinished(stop)
    return (await fetch(`${url}/listen`)).text()
  }

  it.each(["Bun", "Deno"])("opens a port on %s, by its node:http", async (name) => {
    const url = (await listenOn(name)) + path
    const ask = async (key: string) => (await fetch(url, { headers: { "x-api-key": key } })).text()
    expect(JSON.parse(await ask("k"))).toEqual({ availableCredits: 1000, totalCredits: 1000 })
    await expect(ask("mock_reset")).rejects.toThrow("fetch failed")
    await expect(ask("mock_truncated")).rejects.toThrow("terminated")
  })

  it("says on workerd that there is nothing to listen with", async () => {
    expect(await listenOn("workerd")).toBe(
      "ListenError: cannot listen on 127.0.0.1:0: there is no node:http here. Send requests to fetch instead"
    )
  })
})

describe("the main entry", () => {
  it("loads nothing of Node until listen is called", async () => {
    const { metafile } = await bundle(entry, ["node"])
    const statically = new Set<string>()
    const visit = (file: string): void => {
      if (statically.has(file)) return
      statically.add(file)
      for (const { kind, path } of metafile.inputs[file]?.imports ?? []) if (kind === "import-statement") visit(path)
    }
    visit(Object.keys(metafile.inputs).find((file) => entry.endsWith(file)) ?? expect.fail())
    expect([...statically].filter((file) => file.startsWith("node:"))).toEqual([])
    expect([...statically].filter((file) => file.includes("node-server"))).toEqual([])
  })

  it("bundles for Workers without a word of Node", async () => {
    const { outputFiles: [script] } = await bundle(entry, ["workerd", "worker", "browser"])
    expect(script?.text).toContain("createMockServer")
    expect(script?.text).not.toMatch(/["']node:/)
  })
})
