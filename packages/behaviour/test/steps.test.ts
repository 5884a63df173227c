import { createMockServer } from "@effect-pollo/mock-server"
import { describe, expect, it } from "vitest"
import { type Answer, onSocket } from "../src/index.ts"

/** Headers that depend on the answer, and not on the time or the server. */
const telling = ["content-type", "retry-after", "cf-mitigated"]

const answers = new Map(
  onSocket.flatMap(({ replies }) => replies).flatMap((reply): ReadonlyArray<readonly [string, Answer]> =>
    reply._tag === "Answer" && reply.step !== undefined && isPlain(reply) ? [[reply.step, reply]] : []
  )
)

/**
 * Whether a reply can be compared here. Faults and delays show only on a socket, and pages and redirects have other
 * texts in the table.
 */
function isPlain({ after, body, headers, status }: Answer): boolean {
  return after === undefined && body?.end === "complete" && body.pieces.length === 1 && status !== 302 &&
    !/html/.test(headers["content-type"] ?? "")
}

describe("a reply of the table is what the mock server answers at", () => {
  const server = createMockServer()
  for (const [step, reply] of answers) {
    it(step, async () => {
      const response = await server.fetch("http://mock/api/platform/credit/balance", {
        headers: { "x-api-key": `mock_${step}` }
      })
      const text = await response.text()
      expect(response.status).toBe(reply.status)
      expect(text).toBe(reply.body?.pieces[0]?.text)
      for (const name of telling) expect(response.headers.get(name), name).toBe(reply.headers[name] ?? null)
    })
  }
})
