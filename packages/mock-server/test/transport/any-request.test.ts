import * as fc from "fast-check"
import { connect } from "node:net"
import { afterAll, describe, expect, it } from "vitest"
import { createMockServer } from "../../src/index.ts"
import { namedSteps } from "../support.ts"

/*
 * A socket can carry more than a Request can hold. Whatever it is, it gets an HTTP answer, and the next request too: an
 * error beside the route would end the whole process, and with it the tests of everybody else.
 */

const path = "/api/platform/credit/balance"
const server = createMockServer()
const running = await server.listen()
afterAll(() => running.close())

/** What comes back on a connection of its own, once it is closed. */
const answerTo = (head: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let text = ""
    const socket = connect(running.port, "127.0.0.1").setEncoding("latin1").on("error", reject)
    socket.on("data", (chunk) => (text += chunk))
    socket.on("close", () => resolve(text))
    socket.write(`${head}\r\nconnection: close\r\n\r\n`, "latin1")
  })

const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1])

const oddHosts = [
  "foo|bar",
  "",
  "a b",
  "[::1",
  "[::1]:99999",
  "é",
  "user@host",
  "a/b",
  "%00",
  "localhost:",
  "localhost:0x1",
  "1.2.3.4.5",
  "..",
  "a:b:c"
]

const whole = namedSteps.filter(({ step }) => step.fault === undefined && step.delay === undefined)

describe("an HTTP answer", () => {
  it.each(oddHosts)("comes to a Host that is %j, for every step", async (host) => {
    for (const { name } of whole) {
      const answer = await answerTo(`GET ${path} HTTP/1.1\r\nhost: ${host}\r\nx-api-key: mock_${name}`)
      expect(statusOf(answer), `mock_${name}`).toBeGreaterThanOrEqual(200)
      if (name !== "500") expect(answer).not.toContain("The mock server itself failed")
    }
  })

  it.each(["TRACE", "CONNECT", "QUERY", "PURGE", "M-SEARCH", "get", "PRI"])(
    "comes to the method %s",
    async (method) => {
      for (const target of [path, "*", "//x", "/a\\b", "http://[", "/%ff", "localhost:80"]) {
        const answer = await answerTo(`${method} ${target} HTTP/1.1\r\nhost: localhost\r\nx-api-key: k`)
        expect([400, 404, 405]).toContain(statusOf(answer))
      }
    }
  )

  it("handles every header that a request can have", async () => {
    const text = fc.string({
      unit: fc.integer({ min: 0x21, max: 0xff }).map((code) => String.fromCharCode(code)),
      maxLength: 40
    })
    const head = fc.record({
      method: fc.constantFrom("GET", "HEAD", "OPTIONS", "POST", "TRACE"),
      target: fc.oneof(fc.constant(path), text.map((rest) => `/${rest}`), text.map((query) => `${path}?${query}`)),
      host: text,
      key: fc.oneof(text, fc.constantFrom("mock_redirect", "mock_ok", "mock_302_x2_then_ok"))
    })
    await fc.assert(
      fc.asyncProperty(head, async ({ host, key, method, target }) => {
        const answer = await answerTo(`${method} ${target} HTTP/1.1\r\nhost: ${host}\r\nx-api-key: ${key}`)
        expect(statusOf(answer)).toBeGreaterThanOrEqual(200)
      }),
      { numRuns: 300 }
    )
    expect(statusOf(await answerTo(`GET ${path} HTTP/1.1\r\nhost: localhost\r\nx-api-key: alive`))).toBe(200)
  })
})
