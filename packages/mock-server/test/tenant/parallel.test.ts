import { expect, it, onTestFinished } from "vitest"
import { createMockServer } from "../../src/index.ts"
import type { MockServer } from "../../src/index.ts"
import { request } from "../support.ts"

/** Two ways to send a request with that key. */
const inProcess = async (server: MockServer) => (key: string) => server.fetch(request(key))

const onPort = async (server: MockServer) => {
  const { baseUrl, close } = await server.listen()
  onTestFinished(() => close())
  return (key: string) => fetch(`${baseUrl}/credit/balance`, { headers: { "x-api-key": key } })
}

const keys = Array.from({ length: 200 }, (_, n) => `mock_503_x${n % 4 + 1}_then_ok.test-${n}`)

it.each([
  ["in process", inProcess],
  ["on a port", onPort]
])("two hundred tests at once, each with a key, do not notice one another: %s", async (_where, connect) => {
  const server = createMockServer({ maxRequests: 5000 })
  const ask = await connect(server)
  await Promise.all(keys.map(async (key, n) => {
    const { admin } = server
    const failures = n % 4 + 1
    const credits = 100 + n
    await admin.setAccount(key, { availableCredits: credits, limit: { capacity: 50, refillPerSecond: 1 } })
    const { now } = await admin.freeze(key)
    for (let attempt = 1; attempt <= failures; attempt++) expect((await ask(key)).status).toBe(503)
    await Promise.all(
      Array.from({ length: n % 10 + 1 }, () => admin.spend(key, { credits: 1, id: "the same everywhere" }))
    )
    await admin.advance(key, { millis: n * 1000 })
    expect(await (await ask(key)).json()).toEqual({
      availableCredits: credits - 1,
      totalCredits: credits
    })
    expect((await admin.clock(key)).now).toBe(now + n * 1000)
    if (n % 3 === 0) await admin.reset({ key })
    const { requests } = await admin.requests({ key })
    expect(requests.map(({ attempt, status }) => [attempt, status])).toEqual(
      n % 3 === 0 ? [] : Array.from({ length: failures + 1 }, (_, index) => [index + 1, index < failures ? 503 : 200])
    )
  }))
})

it("a test that makes many requests leaves on record what the others did", async () => {
  const server = createMockServer({ maxRequests: 1000 })
  await Promise.all([
    (async () => {
      for (let n = 0; n < 5000; n++) await server.fetch(request("busy"))
    })(),
    ...keys.map(async (key) => {
      for (let n = 0; n < 3; n++) await server.fetch(request(key))
    })
  ])
  for (const key of keys) expect(await server.admin.countRequests({ key })).toEqual({ count: 3 })
  expect(await server.admin.countRequests({})).toEqual({ count: 1000 })
})
