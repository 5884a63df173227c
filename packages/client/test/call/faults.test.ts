import { createMockServer } from "@effect-pollo/mock-server"
import { Agent } from "@effect/platform-node/Undici"
import { readFile, writeFile } from "node:fs/promises"
import { afterAll, describe, expect, it } from "vitest"
import { type Ask, byClient, byFetch, byNodeHttp, type Fetch } from "../support/observers.ts"
import { steps } from "../support/faults.ts"
import { tableOf, withTables } from "../support/tables.ts"

const document = new URL("../../../../docs/mock/faults.md", import.meta.url)

/** Long enough for an answer that comes at all. */
const patientMillis = 10_000

/** For what never comes, or not before a minute is over: long enough for the part of an answer that does come. */
const impatientMillis = 300

const patienceFor = (step: string): number => /^hang|_60000$/.test(step) ? impatientMillis : patientMillis

const server = createMockServer()
const running = await server.listen()
const streams = await server.listenOverStreams()

/** Node's own fetch, which is undici's, over a connection in memory. */
const dispatcher = new Agent({
  connect: (_options, connected) => {
    const socket = streams.connect()
    // In a later turn, as of a connector that dials. The types ask for a `net.Socket`; a stream is all that is used.
    setImmediate(() => Reflect.apply(connected, undefined, [null, socket]))
  }
})
const fetchOverStreams: Fetch = (input, init) => {
  const dispatched = { ...init, dispatcher }
  return fetch(input, dispatched)
}

afterAll(async () => {
  await dispatcher.destroy()
  await streams.close()
  await running.close()
})

type Observer = (ask: Ask) => Promise<string>

/** A key of its own for each question, whose second request is answered. */
const observe = (observer: Observer, baseUrl: string, step: string): Promise<string> =>
  observer({ baseUrl, key: `mock_${step}_then_ok.${crypto.randomUUID()}`, patienceMillis: patienceFor(step) })

const inMemory = "http://127.0.0.1/api/platform"

const onSocket: ReadonlyArray<Observer> = [byFetch(fetch), byNodeHttp({ agent: false }), byClient(fetch)]
const onStreams: ReadonlyArray<Observer> = [
  byFetch(fetchOverStreams),
  byNodeHttp({ createConnection: streams.connect }),
  byClient(fetchOverStreams)
]
const asFetch = (answer: (request: Request) => Promise<Response>): Fetch => (input, init) =>
  answer(new Request(input, init))
const ownFetches: ReadonlyArray<Observer> = [byFetch(asFetch(server.fetch)), byFetch(asFetch(streams.fetch))]

const seenBy = (observers: ReadonlyArray<Observer>, baseUrl: string, step: string): Promise<ReadonlyArray<string>> =>
  Promise.all(observers.map((observer) => observe(observer, baseUrl, step)))

const observeStep = async (step: string) => ({
  onSocket: await seenBy(onSocket, running.baseUrl, step),
  onStreams: await seenBy(onStreams, inMemory, step),
  byOwnFetches: await seenBy(ownFetches, inMemory, step)
})

const observations = new Map<string, ReturnType<typeof observeStep>>()

/** What is made of a step, observed once and then remembered. */
const observed = (step: string): ReturnType<typeof observeStep> => {
  const known = observations.get(step) ?? observeStep(step)
  observations.set(step, known)
  return known
}

describe.each(steps)("mock_%s", (step) => {
  it("is the same to every client over paired streams as on a socket", async () => {
    const { onSocket, onStreams } = await observed(step)
    expect(onStreams).toEqual(onSocket)
  })

  it("makes our client ask again exactly when that may help, and then it has the balance", async () => {
    const [, , seen = ""] = (await observed(step)).onSocket
    const again = await observe(byClient(fetch, 1), running.baseUrl, step)
    expect(again).toBe(seen.endsWith("asks again") ? "the balance" : seen)
  })
})

it("the documentation says what the clients made of every step (UPDATE_DOCS=1 rewrites it)", async () => {
  const rows = async (which: (seen: Awaited<ReturnType<typeof observeStep>>) => ReadonlyArray<string>) =>
    Promise.all(steps.map(async (step) => [`\`${step}\``].concat(which(await observed(step)))))
  const written = await readFile(document, "utf8")
  const current = withTables(written, {
    clients: tableOf(
      ["step", "undici's `fetch`", "`node:http`", "`@effect-pollo/client`"],
      await rows(({ onSocket }) => onSocket)
    ),
    fetches: tableOf(
      ["step", "`fetch` of the server", "`fetch` of its streams"],
      await rows(({ byOwnFetches }) => byOwnFetches)
    )
  })
  if (process.env["UPDATE_DOCS"] === "1") await writeFile(document, current)
  else expect(written).toBe(current)
})

describe("a redirect to another origin", () => {
  const keyTravelled = async (observer: Observer) => {
    const key = `mock_redirect_then_ok.${crypto.randomUUID()}`
    await observer({ baseUrl: running.baseUrl, key, patienceMillis: patientMillis })
    return (await server.admin.countRequests({ key })).count > 1
  }

  it("gets the key from a plain fetch", async () => {
    expect(await keyTravelled(byFetch(fetch))).toBe(true)
  })

  it("never gets the key from our client", async () => {
    expect(await keyTravelled(byClient(fetch, 3))).toBe(false)
  })
})
