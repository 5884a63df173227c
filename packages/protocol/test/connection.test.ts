import { clearTextProblem, defaultBaseUrl, isLoopback, keyProblem, readBaseUrl } from "@effect-pollo/protocol"
import { describe, expect, it } from "vitest"

describe("a key", () => {
  it.each(["pollo_abc", "sk/ab+c=d", "!~"])("can be %s", (key) => expect(keyProblem(key)).toBeUndefined())

  it.each(["", " ", "a b", "a\n", "\u201Ca\u201D", "caf\u00E9", "a\u007F"])("cannot be %j", (key) => {
    const problem = keyProblem(key)
    expect(problem).toMatch(/^must /)
    if (key.trim() !== "") expect(problem).not.toContain(key)
  })
})

describe("a base URL", () => {
  it.each([
    [defaultBaseUrl, defaultBaseUrl],
    ["HTTPS://Pollo.AI:443/api//", "https://pollo.ai/api"],
    [new URL("http://127.1:8080/"), "http://127.0.0.1:8080"]
  ])("%s is read as %s", (given, baseUrl) => expect(readBaseUrl(given)).toEqual({ baseUrl }))

  it.each([
    undefined,
    null,
    5,
    {},
    "",
    "pollo.ai",
    "ftp://a",
    "https://me@a",
    "https://:pw@a",
    "https://a?",
    "https://a#b"
  ])(
    "%s is refused",
    (given) => expect(readBaseUrl(given)).toEqual({ problem: expect.stringMatching(/^must /) })
  )

  it.each([
    ["https://anywhere", true],
    ["http://localhost:1", true],
    ["http://127.9.9.9", true],
    ["http://[::1]", true],
    ["http://foo.localhost", false],
    ["http://localhost.", false],
    ["http://[::ffff:127.0.0.1]", false],
    ["http://0.0.0.0", false],
    ["http://127.0.0.1.evil", false]
  ])("%s may be given a key: %s", (url, may) => {
    expect(clearTextProblem(url) === undefined).toBe(may)
    if (url.startsWith("http:")) expect(isLoopback(new URL(url).hostname)).toBe(may)
  })
})
