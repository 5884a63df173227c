/** The key typed in the wrong place is never printed back, and what a server quotes is taken out. */
import { once } from "node:events"
import { createServer } from "node:http"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { expected } from "../src/mistakes.ts"
import { scrubOf, shownAddress } from "../src/values/secrets.ts"
import { bash, lines, run } from "./support/cli.ts"

const key = "pollo_Canary5f2c9aQ7"
const plain = "canary5f2c9a"

type Place = readonly [args: ReadonlyArray<string>, env?: Record<string, string>]

const places = (secret: string): ReadonlyArray<Place> => [
  [[secret]],
  [["help", secret]],
  [[`--${secret}`]],
  [["balance", secret]],
  [["balance", `--${secret}`]],
  [["balance", `--json=${secret}`]],
  [["balance", "--min", secret]],
  [["balance", "--api-key-file", secret]],
  [["balance", "--api-key-file", `/tmp/${secret}`]],
  [["balance", "--api-key", secret]],
  [["balance", "-k", secret]],
  [["watch", "--every", secret]],
  [["watch", "--low", secret]],
  [["watch", "--recover", secret]],
  [["watch", "--low", "5", "--exec", secret, "--webhook", secret]],
  [["watch", "--low", "5", "--exec", `echo '${secret}`]],
  [["watch", "--low", "5", "--exec", `echo $${secret}`]],
  [["watch", "--low", "5", "--webhook", secret]],
  [["watch", "--low", "5", "--webhook", `http://${secret}/`]],
  [["check", "--allow", secret]],
  [["exporter", "--account", secret]],
  [["exporter", "--account", `${secret}=/nowhere`]],
  [["exporter", "--account", `a=${secret}`]],
  [["exporter", "--account", `a=/tmp/${secret}`]],
  [["exporter", "--time-to-live", secret]],
  [["exporter", "--host", secret]],
  [["budget", secret]],
  [["budget", "--redis", secret]],
  [["budget", "--redis", `redis://:${secret}@127.0.0.1:1`, "--account", secret]],
  [["budget", "free", secret, "--redis", "redis://127.0.0.1:1", "--account", "a", "--yes"]],
  [["budget", "--account", "a"], { REDIS_URL: secret }],
  [["mock", "--port", secret]],
  [["mock", "--host", secret]],
  [["mock", secret]],
  [["--completions", secret]],
  [["balance", "--verbose"], { POLLO_BASE_URL: secret }],
  [["balance", "--verbose"], { POLLO_BASE_URL: `http://127.0.0.1:9/${secret}` }],
  [["check", "--verbose", "--json"], { POLLO_BASE_URL: `http://127.0.0.1:9/api/${secret}/platform` }],
  [["balance"], { POLLO_BASE_URL: `https://${secret}@127.0.0.1:9` }],
  [["balance"], { POLLO_BASE_URL: `https://127.0.0.1:9?${secret}` }],
  [["balance"], { POLLO_ATTEMPT_TIMEOUT: secret }],
  [["balance"], { POLLO_DEADLINE: secret }],
  [["balance"], { POLLO_MAX_RETRIES: secret }],
  [["balance"], { HTTPS_PROXY: `ftp://${secret}` }],
  [["balance", "--verbose"], {
    HTTPS_PROXY: `http://${secret}:${secret}@127.0.0.1:9`,
    POLLO_BASE_URL: "https://h.test"
  }]
]

describe.concurrent("the key in the wrong place", () => {
  it.each([...places(key), ...places(plain)].map((place) => ({ place })))(
    "is not printed back: $place",
    async (given) => {
      const [args, env = {}] = given.place
      const { code, stderr, stdout } = await run(args, {
        env: { POLLO_MAX_RETRIES: "0", POLLO_BASE_URL: "http://127.0.0.1:9", POLLO_API_KEY: "another-key", ...env }
      })
      expect(code).not.toBe(0)
      expect((stdout + stderr).toLowerCase()).not.toContain(key.toLowerCase())
      expect((stdout + stderr).toLowerCase()).not.toContain(plain)
    }
  )

  it.each([{ POLLO_MOCK_PORT: key }, { POLLO_MOCK_PROFILE: key }, { POLLO_MOCK_CONFIG: `/tmp/${key}` }])(
    "is not printed back by the mock server: %j",
    async (env) => {
      const { code, stderr } = await run(["mock"], { env })
      expect([code, stderr.includes("<redacted>")]).toEqual([2, true])
      expect(stderr).not.toContain(key)
    }
  )

  it("is not printed by a command of --exec that is not there", async () => {
    const server = createServer((_, response) => response.end("{\"availableCredits\":1,\"totalCredits\":2}"))
      .listen(0, "127.0.0.1")
    await once(server, "listening")
    const address = server.address()
    const port = address !== null && typeof address === "object" ? address.port : 0
    const { stderr, stdout } = await bash(
      `pollo-credits watch --every 1s --low 5 --exec '${plain}' 2>&1 | head -3; kill %1 2>/dev/null; true`,
      { POLLO_BASE_URL: `http://127.0.0.1:${port}`, POLLO_API_KEY: "another-key" }
    )
    server.close()
    expect(stdout).toContain("the command of --exec failed: there is no such program")
    expect(stdout + stderr).not.toContain(plain)
  })

  it("is taken out of the words of a server that quotes the address", async () => {
    const server = createServer((request, response) => {
      response.writeHead(404, { "content-type": "application/json", "x-request-id": request.url })
      response.end(JSON.stringify({ code: "NOT_FOUND", message: `no route ${request.url}` }))
    }).listen(0, "127.0.0.1")
    await once(server, "listening")
    const address = server.address()
    const port = address !== null && typeof address === "object" ? address.port : 0
    for (const command of ["balance --verbose", "check --verbose", "check --json", "watch --verbose", "watch --json"]) {
      const { code, stderr, stdout } = await run(command.split(" "), {
        env: { POLLO_BASE_URL: `http://127.0.0.1:${port}/${plain}`, POLLO_API_KEY: "another-key" }
      })
      expect(code).toBe(13)
      expect(stderr).toContain("no route /<redacted>/credit/balance")
      expect(stdout + stderr).not.toContain(plain)
    }
    server.close()
  })
})

describe("secrets", () => {
  it.each(["balance", "watch", "check", "exporter", "budget", "mock"])(
    "every flag of %s with a value has words of its own for a mistake",
    async (command) => {
      const { stdout } = await run([command, "--help"])
      for (const [, flag = ""] of stdout.matchAll(/^ {2}--([\w-]+) </gm)) expect(expected).toHaveProperty(flag)
      expect(stdout).toMatch(/^ {2}--\w+/m)
    }
  )

  it("leave an address with its host and the usual words of its path", () => {
    expect(shownAddress("https://pollo.ai/api/platform/credit/balance")).toBe(
      "https://pollo.ai/api/platform/credit/balance"
    )
    expect(shownAddress("https://u:p@h.test:8443/v1/secret/credit/balance?k=1#f")).toBe(
      "https://h.test:8443/v1/…/credit/balance"
    )
  })

  it("are taken out in every form that servers quote them in", () => {
    const text = fc.string({
      minLength: 8,
      maxLength: 40,
      unit: fc.integer({ min: 33, max: 126 }).map((code) => String.fromCharCode(code))
    })
    fc.assert(fc.property(text, (secret) => {
      const scrub = scrubOf({ key: secret })
      const base64 = Buffer.from(`{"k":"${secret}"}`).toString("base64")
      for (
        const form of [
          secret,
          secret.toUpperCase(),
          encodeURIComponent(secret),
          Buffer.from(secret).toString("hex"),
          base64
        ]
      ) {
        expect(scrub(`a <${form}> b`)).not.toContain(form)
      }
    }))
  })

  it("are no words that people give to files and variables", async () => {
    const { stderr } = await run(["balance", "--api-key-file", "pollo_api_key"])
    expect(lines(stderr)[0]).toBe("pollo-credits: the file of --api-key-file does not exist")
    const scrub = scrubOf({ words: ["/run/secrets/pollo_api_key", "echo $POLLO_API_KEY"] })
    expect(scrub("POLLO_API_KEY and pollo_api_key")).toBe("POLLO_API_KEY and pollo_api_key")
    expect(scrubOf({ words: ["pollo_Ab3xyzabc"] })("not pollo_ab3xyzabc")).toBe("not <redacted>")
  })

  it("are nothing as short as a word", () => {
    const scrub = scrubOf({ key: "mock_ok", baseUrl: "https://h.test/v1/api", words: ["--min", "500"] })
    expect(scrub("mock_ok of api v1 --min 500")).toBe("mock_ok of api v1 --min 500")
  })
})
