import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { createMockServer, summarize, verifyRequests } from "../../src/index.ts"
import type { Expectations, JournalEntry } from "../../src/index.ts"
import { request } from "../support.ts"

/** A request on record, of which a test says only what matters to it. */
const entry = (some: Partial<JournalEntry> = {}): JournalEntry => ({
  id: 1,
  key: "k…1",
  method: "GET",
  path: "/api/platform/credit/balance",
  step: "ok",
  status: 200,
  attempt: 1,
  at: 0,
  millis: 0,
  outcome: "sent",
  retryAfter: null,
  intervalMillis: null,
  waitedMillis: null,
  concurrent: 0,
  connection: null,
  ...some
})

/** Requests at those times. */
const at = (...times: ReadonlyArray<number | [number, Partial<JournalEntry>]>) =>
  times.map((time) => (typeof time === "number" ? entry({ at: time }) : entry({ at: time[0], ...time[1] })))

const on = (id: number, reused: boolean) => ({ connection: { id, request: reused ? 2 : 1, reused, closedAt: null } })

const busy = { status: 503, retryAfter: "1" }

describe("a summary", () => {
  it("says how many requests there were, when, and what became of them", () => {
    const requests = at([0, { ...busy, millis: 10 }], [1010, { status: null, outcome: "aborted", millis: 500 }], 4000)
    expect(summarize(requests)).toEqual({
      attempts: 3,
      statuses: [503, null, 200],
      intervals: [1010, 2990],
      waits: [1000, 2490],
      waitedRetryAfter: true,
      retriedStatuses: [503],
      overlapped: false,
      connections: null,
      connectionReused: null
    })
  })

  it.each([
    ["too early", "2", [0, 1997], false],
    ["in time", "2", [0, 2000], true],
    ["as early as timers fire", "2", [0, 1998], true],
    ["a date", "Thu, 01 Jan 1970 00:00:05 GMT", [0, 5000], true],
    ["before the date", "Thu, 01 Jan 1970 00:00:05 GMT", [0, 4900], false],
    ["a date that is past", "Thu, 01 Jan 1970 00:00:05 GMT", [9000, 9000], true],
    ["not told when", "soon", [0, 1], null],
    ["nobody came again", "2", [0], null]
  ])("says whether Retry-After was waited for: %s", (_what, retryAfter, [first = 0, ...others], waited) => {
    expect(summarize(at([first, { status: 429, retryAfter }], ...others)).waitedRetryAfter).toBe(waited)
  })

  it("counts the wait from the end of the answer that asked for it", () => {
    expect(summarize(at([0, { ...busy, millis: 400 }], 1000)).waitedRetryAfter).toBe(false)
    expect(summarize(at([0, { ...busy, millis: 400 }], 1400)).waitedRetryAfter).toBe(true)
  })

  it("does not ask for a wait that the client was never told of", () => {
    expect(summarize(at([0, { ...busy, status: null, outcome: "faulted" }], 5)).waitedRetryAfter).toBe(null)
  })

  it("of no requests is empty", () => {
    expect(summarize([])).toEqual({
      attempts: 0,
      statuses: [],
      intervals: [],
      waits: [],
      waitedRetryAfter: null,
      retriedStatuses: [],
      overlapped: false,
      connections: null,
      connectionReused: null
    })
  })
})

describe("a verification", () => {
  const good = at([0, busy], [1003, { ...on(1, true) }])

  it.each<[string, ReadonlyArray<JournalEntry>, Expectations, string]>([
    [
      "too many requests",
      at([0, busy], [1000, busy], 2000),
      { attempts: 2 },
      "Expected 2 requests. 3 requests came. " +
      "These came: 1: 503 at 0 ms, Retry-After 1; 2: 503 at 1000 ms, Retry-After 1; 3: 200 at 2000 ms."
    ],
    [
      "requests out of bounds",
      at(0),
      { attempts: { min: 2, max: 4 } },
      "Expected 2 to 4 requests. 1 request came. These came: 1: 200 at 0 ms."
    ],
    [
      "other statuses",
      at([0, { status: 500, millis: 12 }], [20, { status: null, outcome: "faulted" }]),
      { statuses: [500, 200] },
      "Expected the statuses 500, 200. The statuses were 500, no status. " +
      "These came: 1: 500 at 0 ms for 12 ms; 2: no status (faulted) at 20 ms."
    ],
    [
      "a wait cut short",
      at([0, busy], 200),
      { attempts: 2, waitedRetryAfter: true },
      "Expected 2 requests and every request to wait as long as the Retry-After before it asked. " +
      "Request 2 came 200 ms after the end of the one before it, whose Retry-After asked for 1000 ms. " +
      "These came: 1: 503 at 0 ms, Retry-After 1; 2: 200 at 200 ms."
    ],
    [
      "no wait asked for",
      at(0, 10),
      { waitedRetryAfter: true },
      "Expected every request to wait as long as the Retry-After before it asked. No Retry-After asked any of them to wait. " +
      "These came: 1: 200 at 0 ms; 2: 200 at 10 ms."
    ],
    [
      "a 401 tried again",
      at([0, { status: 401 }], 10),
      { neverRetried: [401, 403] },
      "Expected no request to come after a 401 or 403. Request 2 came after request 1 had been answered with 401. " +
      "These came: 1: 401 at 0 ms; 2: 200 at 10 ms."
    ],
    [
      "waits out of bounds",
      at(0, 10, 500),
      { waits: { min: 100, max: 300 } },
      "Expected every request to come 100 to 300 ms after the end of the one before it. Request 2 came after 10 ms. " +
      "Request 3 came after 490 ms. These came: 1: 200 at 0 ms; 2: 200 at 10 ms; 3: 200 at 500 ms."
    ],
    [
      "no waits",
      at(0),
      { waits: { min: 100 } },
      "Expected every request to come at least 100 ms after the end of the one before it. There was no second request. " +
      "These came: 1: 200 at 0 ms."
    ],
    [
      "an overlap",
      at(0, [0, { concurrent: 2 }]),
      { noOverlap: true, waits: { max: 5 } },
      "Expected every request to come at most 5 ms after the end of the one before it and no two requests to be open " +
      "at once. Request 2 came before the end of another request. Request 2 came while 2 others were open. " +
      "These came: 1: 200 at 0 ms; 2: 200 at 0 ms."
    ],
    [
      "new connections",
      at([0, on(1, false)], [5, on(2, false)]),
      { reusedConnection: true },
      "Expected every request except the first to come on a connection that had served an earlier one. " +
      "Request 2 came on a new connection. These came: 1: 200 at 0 ms; 2: 200 at 5 ms."
    ],
    [
      "no connections",
      at(0, 5),
      { reusedConnection: true },
      "Expected every request except the first to come on a connection that had served an earlier one. " +
      "Request 1 came without a connection: it was made in process. " +
      "Request 2 came without a connection: it was made in process. These came: 1: 200 at 0 ms; 2: 200 at 5 ms."
    ],
    ["nothing at all", [], { neverRetried: [401] }, "Expected no request to come after a 401. No request came."]
  ])("fails for %s, and says what was expected and what came", (_what, requests, expectations, message) => {
    expect(verifyRequests(requests, expectations)).toEqual({ pass: false, message })
  })

  it.each<[Expectations, ReadonlyArray<JournalEntry>]>([
    [{}, good],
    [{ attempts: 2, statuses: [503, 200], waitedRetryAfter: true, neverRetried: [401], noOverlap: true }, good],
    [{ attempts: { min: 1 }, waits: { min: 1000, max: 1010 } }, good],
    [{ attempts: { max: 2 }, waits: { min: 1005, max: 1005 } }, good],
    [{ reusedConnection: true }, at([0, on(1, false)], [5, on(1, true)])],
    [{ attempts: 0 }, []],
    [{ attempts: { max: 3 } }, []]
  ])("passes what is as expected: %j", (expectations, requests) => {
    expect(verifyRequests(requests, expectations).pass).toBe(true)
  })

  it("shows a limited number of requests", () => {
    const { message } = verifyRequests(at(...Array.from({ length: 500 }, (_, n) => n)), { attempts: 1 })
    expect(message).toMatch(/20: 200 at 19 ms; and 480 more\.$/)
  })

  it("is one paragraph, whatever came", () => {
    const requests = fc.array(
      fc.record({
        at: fc.nat(10_000),
        status: fc.option(fc.integer({ min: 100, max: 599 })),
        millis: fc.option(fc.nat(100)),
        retryAfter: fc.option(fc.constantFrom("1", "soon", "Thu, 01 Jan 1970 00:00:05 GMT")),
        concurrent: fc.nat(2)
      }).map(entry),
      { maxLength: 30 }
    )
    fc.assert(fc.property(requests, fc.nat(5), (came, attempts) => {
      const { message, pass } = verifyRequests(came, {
        attempts,
        waitedRetryAfter: true,
        neverRetried: [401],
        waits: { min: 1 },
        noOverlap: true
      })
      expect(message).toMatch(/^Expected [^\n]*\.$/)
      if (pass) expect(came.length).toBe(attempts)
    }))
  })

  it("is what the admin API says of the requests of a key", async () => {
    const { admin, fetch } = createMockServer()
    const key = "mock_rate_limited_then_ok.verify"
    await admin.freeze(key)
    await fetch(request(key))
    await admin.advance(key, { millis: 1000 })
    await fetch(request(key))
    const expected = { attempts: 2, waitedRetryAfter: true, neverRetried: [401], noOverlap: true } as const
    expect(await admin.verify({ key, expect: expected })).toMatchObject({ pass: true })
    expect(await admin.verify({ key, expect: { attempts: 3 } })).toMatchObject({ pass: false })
    expect(await admin.verify({ key: "mistyped", expect: { noOverlap: true } })).toMatchObject({ pass: false })
    expect(await admin.summarize({ key })).toMatchObject({ attempts: 2, waits: [1000], waitedRetryAfter: true })
  })
})
