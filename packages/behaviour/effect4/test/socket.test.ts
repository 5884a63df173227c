import { judgeOnSocket, keyOnSocket, onSocket, type Row } from "@effect-pollo/behaviour"
import * as Undici from "@effect-pollo/client/undici"
import { createMockServer } from "@effect-pollo/mock-server"
import { NodeHttpClient } from "@effect/platform-node"
import { Effect } from "effect"
import { FetchHttpClient } from "effect/http"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { callOf, observe } from "../src/runner.ts"

const server = createMockServer({ maxRequests: 10_000 })
const { baseUrl, close } = await server.listen()
afterAll(() => close())

const transports = {
  fetch: FetchHttpClient.layer,
  "node:http": NodeHttpClient.layerNodeHttp,
  "undici's request": NodeHttpClient.layerUndici,
  "undici's dispatch": Undici.layer()
}

for (const [name, transport] of Object.entries(transports)) {
  const complaints = (row: Row, who: string) =>
    Effect.gen(function*() {
      const apiKey = keyOnSocket(row, who)
      const startedAt = Date.now()
      const observed = yield* observe(row, callOf(row, { apiKey, baseUrl }))
      const endedAt = Date.now()
      const { requests } = yield* Effect.promise(() => server.admin.findRequests({ key: apiKey }))
      return judgeOnSocket(row, { ...observed, startedAt, endedAt, arrivals: requests.map(({ at }) => at) })
    })

  describe(`over ${name}`, () => {
    let judged: ReadonlyArray<ReadonlyArray<string>> = []
    beforeAll(async () => {
      const who = `e4-${name.replaceAll(/\W/g, "")}`
      const all = Effect.forEach(onSocket, (row) => complaints(row, who), { concurrency: 8 })
      judged = await all.pipe(Effect.provide(transport), Effect.runPromise)
    }, 120_000)

    for (const [index, row] of onSocket.entries()) {
      it(row.name, () => expect(judged[index]?.join()).toBe(""))
    }

    it("leaves no request open", async () => {
      const open = async () => (await server.admin.requests({})).requests.filter(({ outcome }) => outcome === "open")
      await expect.poll(open, { timeout: 10_000 }).toEqual([])
    })
  })
}
