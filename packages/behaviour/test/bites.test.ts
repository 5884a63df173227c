import { describe, expect, it } from "vitest"
import { judge, type Row, table } from "../src/index.ts"
import { type Mistake, mistakes } from "./support/handWritten.ts"
import { run } from "./support/run.ts"

/** Only rows with a request and no environment: the client in this test checks no options and reads no variables. */
const rows = table.filter(({ environment, wants }) => wants.requests > 0 && environment === undefined)

/** The names of the rows that the client fails. */
const failures = async (mistake?: Mistake): Promise<ReadonlyArray<string>> => {
  const judged = async (row: Row) => judge(row, await run(row, mistake)).length > 0 ? [row.name] : []
  return (await Promise.all(rows.map(judged))).flat()
}

/** For each mistake, some of the rows that find it. */
const foundBy: Readonly<Record<Mistake, ReadonlyArray<string>>> = {
  "timeout around the headers alone": [
    "a 200 whose body never ends is given up after 5 seconds",
    "a body that comes in small pieces is given up 5 seconds after the request",
    "a deadline ends a body that is under way"
  ],
  "redirect followed": [
    "a 302 to another origin is not followed",
    "a 308 to another path is not followed",
    "a redirect that the transport followed by itself is refused",
    "the key in the address of a redirect is not kept"
  ],
  "retry of a 401": [
    "a 401 is never retried",
    "an error that is not retryable ends the call at once"
  ],
  "Retry-After ignored": [
    "a 429 with a Retry-After in seconds is retried after 7000 ms",
    "a 429 with a Retry-After as a date is not waited for",
    "a Retry-After that just fits before the deadline is obeyed"
  ],
  "no cap on Retry-After": ["a Retry-After of a second more than maxRetryAfter ends the call"],
  "key in the error": [
    "the key in clear text is taken out of the message",
    "the key in base64 is taken out of an issue",
    "a connection that fails with ECONNREFUSED is a transport error with that code",
    "of a transport error that quotes the request only the code is kept"
  ],
  "deadline missing": [
    "a deadline ends an attempt that is under way",
    "a wait that does not fit before the deadline is not begun",
    "a Retry-After that does not fit before the deadline ends the call at once"
  ],
  "HTML taken for JSON": [
    "a 200 whose body is a web page is not JSON, which can pass",
    "a 403 with a web page is an interception",
    "a challenge with a 503 is an interception"
  ],
  "retries without a wait": ["waits double until they reach the longest", "a server that is gone is tried four times"],
  "timeout that leaves the request open": ["a server that says nothing is given up after 5 seconds"],
  "trace headers sent along": ["a balance as the vendor's page shows it is the balance"],
  "envelope not opened": ["a balance in the envelope of the live server is the balance"]
}

describe("the table", () => {
  it("finds nothing wrong with a client of fetch that has no mistake", async () => {
    expect(await failures()).toEqual([])
  })

  it.each(mistakes)("finds by name: %s", async (mistake) => {
    const failed = await failures(mistake)
    expect(foundBy[mistake].filter((name) => !failed.includes(name))).toEqual([])
  })

  it("has every row that is said to find a mistake", () => {
    const names = new Set(rows.map(({ name }) => name))
    expect(Object.values(foundBy).flat().filter((name) => !names.has(name))).toEqual([])
  })

  it("leaves most rows alone with a mistake that is about something else", async () => {
    expect((await failures("no cap on Retry-After")).every((name) => /Retry-After|maxRetryAfter/.test(name))).toBe(true)
  })
})
