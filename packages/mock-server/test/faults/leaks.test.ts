import { setTimeout as wait } from "node:timers/promises"
import { describe, expect, it, onTestFinished } from "vitest"
import { createMockServer } from "../../src/index.ts"
import { allSteps } from "../../src/steps/table.ts"
import { request } from "../support.ts"
import { exchange, head, startOn, transports } from "../transport/support.ts"

/** Every step that does something to an answer on its way, and those whose measures make them last. */
const troubles = [
  ...allSteps.filter(({ delay, fault }) => delay !== undefined || fault !== undefined).map(({ name }) => name),
  "delay_60000",
  "delay_60000_before_reset",
  "dribble_5_60000",
  "oversized_2147483647"
]

const inUse = (): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {}
  for (const kind of process.getActiveResourcesInfo()) {
    if (kind !== "Immediate") counts[kind] = (counts[kind] ?? 0) + 1 // Gone by the next turn, whosever it is.
  }
  return counts
}

/** Looks again until the check passes, with no timer of its own in use while it looks. */
const settled = async (check: () => boolean): Promise<void> => {
  for (let tries = 0; tries < 300 && !check(); tries++) await wait(10)
}

/** What is in use when the sockets of the test before are gone. */
const atRest = async (): Promise<Readonly<Record<string, number>>> => {
  await settled(() => inUse()["TCPSocketWrap"] === undefined)
  return inUse()
}

/** What stays in use beyond that: nothing. */
const leftOver = async (before: Readonly<Record<string, number>>): Promise<ReadonlyArray<string>> => {
  const beyond = (): ReadonlyArray<string> =>
    Object.entries(inUse()).filter(([kind, count]) => count > (before[kind] ?? 0)).map(([kind]) => kind)
  await settled(() => beyond().length === 0)
  return beyond()
}

const unhandled = (): ReadonlyArray<unknown> => {
  const reasons: Array<unknown> = []
  const note = (reason: unknown): void => void reasons.push(reason)
  process.on("unhandledRejection", note)
  onTestFinished(() => void process.off("unhandledRejection", note))
  return reasons
}

describe.each(transports)("on %s", (_name, transport) => {
  it("no fault leaves a socket, a timer or a rejection behind, whether or not the client stays for its end", async () => {
    const { open, server } = await startOn(transport)
    const before = await atRest()
    const rejections = unhandled()
    const one = async (key: string, patience: number): Promise<void> => {
      const socket = open()
      const leaving = setTimeout(() => socket.destroy(), patience)
      await exchange(socket, head(key))
      clearTimeout(leaving)
    }
    for (const patience of [0, 5, 40]) {
      for (let round = 0; round < 5; round++) {
        await Promise.all(troubles.map((step) => one(`mock_${step}.${patience}.${round}`, patience)))
      }
    }
    expect(await leftOver(before)).toEqual([])
    const { requests } = await server.admin.requests()
    expect(requests.length).toBeGreaterThan(50)
    expect(requests.filter(({ connection, outcome }) => connection?.closedAt === null || outcome === "open")).toEqual(
      []
    )
    expect(rejections).toEqual([])
  })

  it.each(troubles)("close() is prompt during mock_%s, and lets the client know", async (step) => {
    const { close, open, server } = await startOn(transport)
    const seen = exchange(open(), head(`mock_${step}`))
    await expect.poll(async () => (await server.admin.countRequests()).count).toBe(1)
    await wait(5)
    const before = performance.now()
    await close()
    expect(performance.now() - before).toBeLessThan(500)
    await seen
  })
})

it("no fault leaves a timer or a rejection behind in process", async () => {
  const { fetch } = createMockServer()
  const before = await atRest()
  const rejections = unhandled()
  const one = async (key: string, patience: number): Promise<void> => {
    const leaving = new AbortController()
    const timer = setTimeout(() => leaving.abort(), patience)
    try {
      const response = await fetch(request(key, { signal: leaving.signal }))
      if (patience === 0) await response.body?.cancel()
      else await response.text()
    } catch {
      // Whatever it was: only what is left behind matters here.
    }
    clearTimeout(timer)
  }
  for (const patience of [0, 5, 40]) {
    await Promise.all(troubles.map((step) => one(`mock_${step}.${patience}`, patience)))
  }
  expect(await leftOver(before)).toEqual([])
  expect(rejections).toEqual([])
})
