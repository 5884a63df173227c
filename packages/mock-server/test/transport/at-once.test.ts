import { connect } from "node:net"
import { describe, expect, it, onTestFinished } from "vitest"
import { createMockServer } from "../../src/index.ts"
import type { JournalEntry } from "../../src/index.ts"
import { namedSteps } from "../support.ts"

/*
 * On a socket, a plain GET of the balance takes a way of its own. The route takes all others, such as one with a query,
 * and nobody may tell the two apart.
 */

const path = "/api/platform/credit/balance"
const whole = namedSteps.filter(({ step }) => step.fault === undefined && step.delay === undefined)

const start = async () => {
  const server = createMockServer({ seed: 5 })
  const { port, ...running } = await server.listen()
  onTestFinished(() => running.close())
  /** All that comes back on the connection, except for the date. */
  const raw = (target: string, key: string): Promise<string> =>
    new Promise((resolve, reject) => {
      let text = ""
      const socket = connect(port, "127.0.0.1").setEncoding("latin1").on("error", reject)
      socket.on("data", (chunk) => (text += chunk))
      socket.on("close", () => resolve(text.replace(/^date: .*\r\n/im, "")))
      socket.write(
        `GET ${target} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nconnection: close\r\nx-api-key: ${key}\r\n\r\n`
      )
    })
  return { ...server, raw }
}

const headOf = (answer: string): ReadonlyArray<string> =>
  (answer.split("\r\n\r\n")[0] ?? "").toLowerCase().split("\r\n").toSorted()

/** What the journal says of a request, without what is its own. */
const shared = ({ attempt, method, outcome, path, retryAfter, status, step }: JournalEntry) => ({
  attempt,
  method,
  outcome,
  path,
  retryAfter,
  status,
  step
})

describe("an answer at once", () => {
  it.each(whole)("is the answer of the route: mock_$name", async ({ name }) => {
    const { admin, raw } = await start()
    const [atOnce, routed] = [await raw(path, `mock_${name}.at-once`), await raw(`${path}?`, `mock_${name}.routed`)]
    expect(headOf(atOnce)).toEqual(headOf(routed.replace("/balance?", "/balance")))
    expect(atOnce.split("\r\n\r\n")[1]).toBe(routed.split("\r\n\r\n")[1])
    const { requests: [first, second] } = await admin.requests()
    expect(first === undefined || second === undefined ? undefined : shared(first)).toEqual(second && shared(second))
  })

  it("takes its turn in a plan, and in the limit of its key", async () => {
    const { admin, raw } = await start()
    const key = "mock_503_then_slow_then_401_then_ok"
    await admin.setAccount(key, { availableCredits: 5, limit: { capacity: 3, refillPerSecond: 0 } })
    const statuses: Array<string> = []
    for (const target of [path, `${path}?`, path, path, `${path}?`]) {
      statuses.push((await raw(target, key)).slice("HTTP/1.1 ".length, "HTTP/1.1 200".length))
    }
    expect(statuses).toEqual(["503", "200", "401", "429", "429"])
  })
})
