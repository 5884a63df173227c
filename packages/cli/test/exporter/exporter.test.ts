import { createMockServer } from "@effect-pollo/mock-server"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { once } from "node:events"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it, vi } from "vitest"
import { exitCodes } from "../../src/index.ts"
import { at, lines, run } from "../support/cli.ts"
import { exchange, figureOf, startExporter } from "../support/exporter.ts"

const vendor = await createMockServer().listen()
const folder = mkdtempSync(join(tmpdir(), "pollo-credits-"))
afterAll(async () => {
  await vendor.close()
  rmSync(folder, { recursive: true })
})

const file = (name: string, content: string): string => {
  const path = join(folder, name)
  writeFileSync(path, content, { mode: 0o600 })
  return path
}
const requestsOf = async (key: string): Promise<number> => {
  const response = await fetch(`${vendor.url}/__admin/requests?key=${key}`)
  const { requests }: { readonly requests: ReadonlyArray<unknown> } = await response.json()
  return requests.length
}

describe.concurrent("the exporter", () => {
  it("sends one request for many scrapes at once and one after another", async () => {
    await using exporter = await startExporter([], { env: at(vendor.baseUrl, "mock_slow.many") })
    const scrapes = await Promise.all(Array.from({ length: 100 }, () => exporter.metrics()))
    expect(new Set(scrapes).size).toBe(1)
    for (let scrape = 0; scrape < 10; scrape++) await exporter.metrics()
    expect(await requestsOf("mock_slow.many")).toBe(1)
    expect(figureOf(await exporter.metrics(), "pollo_credits_available")).toBe(1000)
  })

  it("asks nobody before it is asked", async () => {
    await using exporter = await startExporter([], { env: at(vendor.baseUrl, "mock_ok.unasked") })
    expect(await (await fetch(`${exporter.url}/healthz`)).text()).toBe("ok\n")
    expect(await requestsOf("mock_ok.unasked")).toBe(0)
  })

  it("serves an outage as metrics, and what went before it", async () => {
    await using exporter = await startExporter(["--time-to-live", "1ms"], {
      env: at(vendor.baseUrl, "mock_ok_then_503.outage")
    })
    const before = await exporter.metrics()
    const response = await fetch(`${exporter.url}/metrics`)
    const during = await response.text()
    expect(response.status).toBe(200)
    expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8")
    for (const name of ["pollo_credits_available", "pollo_credits_observed_timestamp_seconds"]) {
      expect(figureOf(during, name)).toBe(figureOf(before, name))
    }
    expect([before, during].map((text) => figureOf(text, "pollo_credits_stale"))).toEqual([0, 1])
    expect(
      figureOf(during, "pollo_client_outcomes_total", "account=\"default\",outcome=\"PolloServerError\"")
    ).toBeGreaterThan(0)
    expect((await fetch(`${exporter.url}/healthz`)).status).toBe(200)
    await vi.waitFor(() => expect(exporter.output.stderr).toContain("default: the API failed: "))
  })

  it.each(["mock_unauthorized", "mock_reset", "mock_not_json", "mock_cloudflare"])(
    "is no failure where the vendor answers as for %s from the first request on",
    async (key) => {
      await using exporter = await startExporter([], { env: at(vendor.baseUrl, `${key}.first`) })
      const response = await fetch(`${exporter.url}/metrics`)
      const metrics = await response.text()
      expect([response.status, figureOf(metrics, "pollo_credits_stale")]).toEqual([200, 1])
      expect(figureOf(metrics, "pollo_credits_available")).toBeUndefined()
    }
  )

  it("has pages for GET and HEAD alone, and nothing elsewhere", async () => {
    await using exporter = await startExporter([], { env: at(vendor.baseUrl, "mock_ok.pages") })
    const ask = async (path: string, method = "GET") => {
      const response = await fetch(`${exporter.url}${path}`, { method })
      return [response.status, (await response.text()).length > 0]
    }
    for (const path of ["/metrics", "/metrics?name[]=x", "/healthz", "/"]) {
      expect(await ask(path)).toEqual([200, true])
      expect(await ask(path, "HEAD")).toEqual([200, false])
      for (const method of ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"]) {
        expect(await ask(path, method)).toEqual([405, true])
      }
    }
    for (
      const path of [
        "/metrics/",
        "//metrics",
        "/constructor",
        "/__proto__",
        "/%00",
        "/healthz/../metrics.",
        "/x?/metrics"
      ]
    ) {
      expect(await ask(path)).toEqual([404, true])
    }
    expect(await (await fetch(exporter.url)).text()).toContain("href=\"/metrics\"")
  })

  it("outlives every request that is none", async () => {
    await using exporter = await startExporter([], { env: at(vendor.baseUrl, "mock_ok.hostile") })
    for (
      const bytes of [
        "nonsense\r\n\r\n",
        "GET /metrics HTTP/1.1\r\n\r\n",
        "GET /metrics HTTP/1.1\r\nHost: [\r\nConnection: close\r\n\r\n",
        "GET http://[::bad/metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "GET \\\\x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "CONNECT vendor:443 HTTP/1.1\r\nHost: vendor\r\n\r\n",
        "GET /metrics HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        `GET /${"x".repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
        `POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nshort`,
        "POST /metrics HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n"
      ]
    ) {
      expect(await exchange(exporter.port, bytes)).not.toMatch(/^HTTP\/1\.1 500/)
    }
    expect((await fetch(`${exporter.url}/healthz`)).status).toBe(200)
    expect(figureOf(await exporter.metrics(), "pollo_credits_available")).toBe(1000)
  })

  it("serves several accounts by name, each with its own key", async () => {
    const odd = "a \"quoted\" name\nwith \\ and = in\u001b[31mit".replace("=", "")
    await using exporter = await startExporter([
      `--account=team-a=${file("a", "mock_ok.several\n")}`,
      `--account=${odd}=${file("b=c", "mock_503.several")}`
    ], { env: { POLLO_BASE_URL: vendor.baseUrl, POLLO_MAX_RETRIES: "0" } })
    const metrics = await exporter.metrics()
    expect(figureOf(metrics, "pollo_credits_available", "account=\"team-a\"")).toBe(1000)
    const label = odd.replaceAll("\\", "\\\\").replaceAll("\"", "\\\"").replaceAll("\n", "\\n")
    expect(figureOf(metrics, "pollo_credits_stale", `account="${label}"`)).toBe(1)
    // In a log it is one line, and does nothing to a terminal.
    await vi.waitFor(() => expect(exporter.output.stderr).toContain("and  in\\u{1b}[31mit: the API failed"))
    expect(exporter.output.stderr).not.toContain("\u001b")
    expect(metrics + exporter.output.stderr).not.toMatch(/mock_(ok|503)/)
  })

  it("warns when others can reach it, and not otherwise", async () => {
    await using open = await startExporter(["--host", "0.0.0.0"], { env: at(vendor.baseUrl, "mock_ok") })
    expect(lines(open.output.stderr)[0]).toBe(
      "pollo-credits: warning: --host lets everybody who reaches that address read the balance"
    )
    for (const host of ["127.0.0.1", "localhost", "127.0.0.2"]) {
      await using near = await startExporter(["--host", host], { env: at(vendor.baseUrl, "mock_ok") })
      expect(near.output.stderr).not.toContain("warning")
    }
  })
})

describe("an exporter with a vendor that hangs", () => {
  it("answers within the time that Prometheus allows, whatever it says that is", async () => {
    await using exporter = await startExporter([], { env: at(vendor.baseUrl, "mock_hang.scrape") })
    const millisOfScrape = async (timeout: string): Promise<number> => {
      const started = performance.now()
      const response = await fetch(`${exporter.url}/metrics`, {
        headers: { "x-prometheus-scrape-timeout-seconds": timeout }
      })
      expect(figureOf(await response.text(), "pollo_credits_stale")).toBe(1)
      return performance.now() - started
    }
    expect(await millisOfScrape("0.01")).toBeLessThan(2000)
    expect(await millisOfScrape("2")).toSatisfy((millis: number) => millis > 1400 && millis < 2000)
    expect(await Promise.all(["10", "1e9", "0", "-1", "NaN", "soon"].map(millisOfScrape))).toSatisfy(
      (all: ReadonlyArray<number>) => all.every((millis) => millis < 9000)
    )
  })

  it.each(["SIGTERM", "SIGINT"] as const)("ends at once and well on %s, also while a scrape waits", async (signal) => {
    await using exporter = await startExporter([], { env: at(vendor.baseUrl, `mock_hang.${signal}`) })
    const scrape = fetch(`${exporter.url}/metrics`).then(({ status }) => status, () => "cut off")
    await vi.waitFor(async () => expect(await requestsOf(`mock_hang.${signal}`)).toBe(1))
    const started = performance.now()
    exporter.kill(signal)
    expect((await exporter.ended).code).toBe(0)
    expect(performance.now() - started).toBeLessThan(2000)
    expect(await scrape).not.toBe(200)
  })
})

describe.concurrent("an exporter that cannot serve", () => {
  const env = at(vendor.baseUrl, "mock_ok")

  it("says that the port is taken", async () => {
    const other = createServer().listen(0, "127.0.0.1")
    await once(other, "listening")
    const address = other.address()
    const port = address !== null && typeof address === "object" ? address.port : 0
    const { code, stderr } = await run(["exporter", "--port", `${port}`], { env })
    other.close()
    expect([code, lines(stderr)]).toEqual([exitCodes.Setup.code, [
      "pollo-credits: it cannot listen there (EADDRINUSE)",
      "  why: another program listens on that port",
      "  fix: stop it, or choose a port with --port; 0 is any free one"
    ]])
  })

  const missing = join(folder, "missing")
  const taken = "--account must have another name each time"
  it.each([
    [["--account", "a"], exitCodes.Misuse.code, "--account must be NAME=FILE"],
    [["--account", `=${missing}`], exitCodes.Misuse.code, "--account must be NAME=FILE"],
    [["--account", "a="], exitCodes.Misuse.code, "--account must be NAME=FILE"],
    [["--account", `a=${file("same", "k")}`, "--account", `a=${file("other", "k")}`], exitCodes.Misuse.code, taken],
    [
      ["--account", `a=${file("x", "k")}`, "--api-key-file", file("y", "k")],
      exitCodes.Misuse.code,
      "cannot be used together"
    ],
    [["--account", `a=${missing}`], exitCodes.Setup.code, "the file of --account does not exist"],
    [["--account", `a=${folder}`], exitCodes.Setup.code, "the file of --account is no file"],
    [["--account", `a=${file("empty", " \n")}`], exitCodes.Setup.code, "--account must not be empty"],
    [["--account", `a=${file("two", "one\ntwo")}`], exitCodes.Setup.code, "--account must be visible ASCII"],
    [["--account", `pollo_Ab3xyzabc=${file("z", "k")}`], exitCodes.Misuse.code, "must not have a key for its name"],
    [
      ["--account", `secret-of-it=${file("own", "secret-of-it")}`],
      exitCodes.Misuse.code,
      "must not have a key for its name"
    ],
    [["--time-to-live", "0s"], exitCodes.Misuse.code, "--time-to-live must be a time above zero"],
    [["--time-to-live", "soon"], exitCodes.Misuse.code, "--time-to-live must be a time above zero"],
    [["--host", "example.com"], exitCodes.Misuse.code, "--host must be an IP address"],
    [["--port", "65536"], exitCodes.Misuse.code, "--port must be a port"]
  ])("says why: %j", async (args, expected, what) => {
    const { code, stderr, stdout } = await run(["exporter", ...args], { env })
    expect([code, stdout]).toEqual([expected, ""])
    expect(lines(stderr)[0]).toContain(what)
    expect(stderr).not.toMatch(/secret-of-it|Ab3xyz/)
  })

  it("says that there is no key", async () => {
    const { code, stderr } = await run(["exporter"], { env: {} })
    expect([code, stderr]).toEqual([exitCodes.Setup.code, expect.stringContaining("POLLO_API_KEY")])
  })
})
