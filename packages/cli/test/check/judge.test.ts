import { Ajv } from "ajv"
import * as fc from "fast-check"
import { readFile } from "node:fs/promises"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import { type Answer, judge } from "../../src/check/judge.ts"

/** The vendor's own document decides what is a difference; `judge` has to agree with it. */
const spec = JSON.parse(
  await readFile(
    fileURLToPath(new URL("../../../mock-server/spec/openapi.json", import.meta.url)),
    "utf8"
  )
)
const ajv = new Ajv()
const isBalance = ajv.compile(spec.paths["/credit/balance"].get.responses["200"].content["application/json"].schema)
const isError = ajv.compile(spec.components.responses.error.content["application/json"].schema)

const answer = (body: unknown, rest: Partial<Answer> = {}): Answer => ({
  status: 200,
  contentType: "application/json",
  body: new TextEncoder().encode(typeof body === "string" ? body : JSON.stringify(body)),
  refused: false,
  strict: false,
  ...rest
})
const named = (given: Answer) =>
  judge(given).differences.map(({ field, name }) => field === null ? name : `${name} ${field}`).toSorted()

/** Bodies near the documented ones, and bodies that are anything. */
const number = fc.double({ noNaN: true, noDefaultInfinity: true })
const value = fc.oneof(number, fc.string(), fc.constant(null), fc.boolean(), fc.jsonValue())
const near = (fields: Record<string, fc.Arbitrary<unknown>>) =>
  fc.tuple(fc.record(fields, { requiredKeys: [] }), fc.dictionary(fc.constantFrom("plan", "credits", "x"), value))
    .map(([known, extra]) => Object.assign(extra, known))
const balances = near({ availableCredits: fc.oneof(number, value), totalCredits: fc.oneof(number, value) })
const issues = fc.oneof(fc.array(near({ message: fc.oneof(fc.string(), value) })), value)
const errors = near({ message: fc.oneof(fc.string(), value), code: fc.oneof(fc.string(), value), issues })

describe("judge", () => {
  it("finds a difference in a 200 exactly when the vendor's document does", () => {
    fc.assert(
      fc.property(fc.oneof(balances, errors, fc.jsonValue()), (body) => {
        expect(judge(answer(body, { strict: true })).differences.length === 0).toBe(
          isBalance(JSON.parse(JSON.stringify(body)))
        )
      }),
      { numRuns: 2000 }
    )
  })

  it("finds a difference in an error exactly when the vendor's document does", () => {
    fc.assert(
      fc.property(fc.oneof(errors, balances, fc.jsonValue()), fc.integer({ min: 400, max: 599 }), (body, status) => {
        expect(judge(answer(body, { status })).differences.length === 0).toBe(isError(JSON.parse(JSON.stringify(body))))
      }),
      { numRuns: 2000 }
    )
  })

  it("has a name for whatever arrives, and no words of the body", () => {
    const header = fc.option(fc.string(), { nil: undefined })
    fc.assert(fc.property(fc.integer({ min: 100, max: 599 }), header, fc.uint8Array(), (status, contentType, body) => {
      for (const { detail, name } of judge(answer("", { status, contentType, body })).differences) {
        expect([typeof name, typeof detail]).toEqual(["string", "string"])
      }
    }))
    const [difference] = judge(answer({ availableCredits: "canary", totalCredits: 1 })).differences
    expect(JSON.stringify(difference)).not.toContain("canary")
  })

  const balance = { availableCredits: 1, totalCredits: 2 }
  const error = { code: "UNAUTHORIZED", message: "no" }
  it.each<[string, Answer, ReadonlyArray<string>]>([
    ["the documented body", answer(balance), []],
    ["the documented error", answer(error, { status: 401 }), []],
    ["utf-8 said in full", answer(balance, { contentType: "application/json; charset=\"UTF-8\"" }), []],
    ["another status without an error", answer("", { status: 204 }), ["status"]],
    ["a status that is not modified", answer("", { status: 304 }), ["status"]],
    ["no content type", answer(balance, { contentType: undefined }), ["content_type"]],
    ["another content type", answer(balance, { contentType: "text/html" }), ["content_type"]],
    ["another charset", answer(balance, { contentType: "application/json;charset=latin1" }), ["content_type"]],
    ["no body", answer(""), ["empty_body"]],
    ["half a body", answer("{\"availableCredits\":"), ["not_json"]],
    ["bytes that are not UTF-8", { ...answer(balance), body: Uint8Array.of(0x22, 0xff, 0x22) }, ["not_json"]],
    ["a byte order mark", answer(`\uFEFF${JSON.stringify(balance)}`), ["not_json"]],
    ["an envelope", answer({ code: "SUCCESS", message: "", data: balance }), []],
    ["an envelope, strictly", answer({ code: "SUCCESS", message: "", data: balance }, { strict: true }), ["envelope"]],
    ["a refusal with figures beside it", answer({ ...balance, code: "NOT_FOUND" }, { refused: true }), ["error_body"]],
    [
      "an envelope with faults inside",
      answer({ code: "SUCCESS", data: { availableCredits: "1" }, at: 0 }),
      ["extra_field at", "missing_field data.totalCredits", "missing_field message"]
        .concat("wrong_type data.availableCredits").toSorted()
    ],
    ["an error with status 200", answer(error), ["error_body"]],
    ["a missing field", answer({ totalCredits: 2 }), ["missing_field availableCredits"]],
    ["every missing field", answer({}), ["missing_field availableCredits", "missing_field totalCredits"]],
    ["an extra field", answer({ ...balance, plan: "pro" }), ["extra_field plan"]],
    ["a wrong type", answer({ ...balance, totalCredits: null }), ["wrong_type totalCredits"]],
    ["a number beyond all bounds", answer("{\"availableCredits\":1e400,\"totalCredits\":2}"), [
      "wrong_type availableCredits"
    ]],
    ["a body of another type", answer([]), ["wrong_type"]],
    ["an error whose issue has no message", answer({ ...error, issues: [{}] }, { status: 400 }), [
      "missing_field issues.0.message"
    ]]
  ])("names %s", (_what, given, names) => {
    expect(named(given)).toEqual(names)
  })

  it("tells in which form a balance came", () => {
    const formOf = (body: unknown) => judge(answer(body)).form
    expect([formOf(balance), formOf({ code: "SUCCESS", message: "", data: balance }), formOf(error)])
      .toEqual(["flat", "envelope", null])
  })
})
