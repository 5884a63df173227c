/** A 200 with a balance, and a 200 without one. */
import {
  answer,
  balance,
  beginsAndBreaks,
  beginsAndIsSilent,
  figures,
  inPieces,
  json,
  page,
  stepped
} from "../replies.ts"
import type { Answer, Behaviour, Options, Wants } from "../row.ts"

const once = { maxRetries: 0 }

const envelope = (data: unknown, rest: object = {}) => ({ code: "SUCCESS", message: "success", data, ...rest })

const text = JSON.stringify(figures)

const byteByByte = Array.from(new TextEncoder().encode(`{${text.slice(1, -1)},"plan":"\u00e9\u{1f3ac}"}`), (byte) => ({
  text: Uint8Array.of(byte)
}))

/** A balance of 1000 of 1000 in different forms and surroundings. */
const wrapped: ReadonlyArray<readonly [what: string, reply: Answer, options?: Options]> = [
  ["as the vendor's page shows it", balance],
  ["in the envelope of the live server", { ...json(200, envelope(figures)), step: "envelope" }],
  ["in an envelope whose code is in lower case", json(200, envelope(figures, { code: "success" }))],
  ["in an envelope without a code", json(200, { data: figures })],
  ["in an envelope with a code that nobody knows", json(200, envelope(figures, { code: "FINE" }))],
  ["in an envelope with more fields", json(200, envelope(figures, { traceId: "x" }))],
  ["beside an empty envelope", json(200, { ...figures, data: null })],
  ["with fields that nobody asked for", json(200, { ...figures, plan: "pro", nested: { any: [1] } })],
  ["with amounts in dollars beside it", json(200, { ...figures, availableAmountUsd: 10, totalAmountUsd: 10 })],
  ["with a message beside it", json(200, { ...figures, message: "hello" })],
  ["with a code that nobody knows beside it", json(200, { ...figures, code: "ALL_GOOD", message: "hello" })],
  ["with a code that is no text", json(200, { ...figures, code: 200, message: "hello" })],
  ["as plain text", answer(200, text, { "content-type": "text/plain; charset=utf-8" })],
  ["that says it is a web page", answer(200, text, { "content-type": "text/html" })],
  ["without a content type", answer(200, text)],
  ["with white space around it", answer(200, `\r\n  ${text}\n`)],
  ["after a byte order mark", answer(200, `\ufeff${text}`)],
  ["with its fields in the other order", answer(200, "{\"totalCredits\":1000,\"availableCredits\":1000}")],
  ["with a field twice, the last of which counts", answer(200, `{"availableCredits":1,${text.slice(1)}`)],
  ["in exponents", answer(200, "{\"availableCredits\":1e3,\"totalCredits\":10e2}")],
  ["in two pieces", answer(200, inPieces({ text: text.slice(0, 9) }, { text: text.slice(9) }))],
  ["in a piece for each character", answer(200, inPieces(...Array.from(text, (text) => ({ text }))))],
  ["that comes byte by byte, in the middle of characters too", answer(200, inPieces(...byteByByte))],
  ["with an empty piece in it", answer(200, inPieces({ text: "" }, { text }, { text: "" }))],
  ["with a Retry-After that nobody needs", json(200, figures, { "retry-after": "5" })],
  ["of exactly the size that is allowed", answer(200, text), { maxBodySize: text.length }]
]

const odd: ReadonlyArray<readonly [what: string, available: number, total: number, step?: string]> = [
  ["nothing left", 0, 1000, "empty"],
  ["5 of 1000", 5, 1000, "low_balance"],
  ["fractions", 12.34, 1000, "fractional"],
  ["a debt", -15, 1000, "negative"],
  ["more than the total", 500, 100],
  ["no total", 0, 0],
  ["a total below zero", -5, -1],
  ["more than an integer can count", 1e21, 1e300],
  ["the smallest fraction", 5e-324, 1],
  ["two digits that binary cannot hold", 0.1, 0.3]
]

const balances: ReadonlyArray<Behaviour> = [
  ...wrapped.map(([what, reply, options = {}]) => ({
    name: `a balance ${what} is the balance`,
    replies: [reply],
    options,
    wants: { outcome: "Balance", fields: figures, requests: 1, waits: [0] } satisfies Wants
  })),
  ...odd.map(([what, availableCredits, totalCredits, step]) => ({
    name: `a balance of ${what} keeps its figures`,
    replies: [stepped(step, json(200, { availableCredits, totalCredits }))],
    wants: { outcome: "Balance", fields: { availableCredits, totalCredits }, requests: 1, waits: [0] } satisfies Wants
  }))
]

const notJson: ReadonlyArray<readonly [what: string, reply: Answer]> = [
  ["empty", { ...answer(200, "", { "content-type": "application/json" }), step: "empty_body" }],
  ["none at all", answer(200, null)],
  ["white space", answer(200, " \n ")],
  ["a web page", { ...page(200), step: "html" }],
  ["a web page that says it is JSON", answer(200, "<html></html>", { "content-type": "application/json" })],
  ["words", { ...answer(200, "Credits: one thousand", { "content-type": "application/json" }), step: "not_json" }],
  ["JSON that stops in the middle", answer(200, "{\"availableCredits\": 1,")],
  ["JSON with something after it", answer(200, `${text} ok`)],
  ["two JSON values", answer(200, text + text)],
  ["JSON with a comma too many", answer(200, "{\"availableCredits\":1,\"totalCredits\":1,}")],
  ["NaN", answer(200, "{\"availableCredits\":NaN,\"totalCredits\":1}")],
  ["Infinity", answer(200, "{\"availableCredits\":Infinity,\"totalCredits\":1}")],
  ["single quotes", answer(200, "{'availableCredits':1,'totalCredits':1}")],
  ["a number with leading zeros", answer(200, "{\"availableCredits\":007,\"totalCredits\":1}")],
  ["a script's guard before the JSON", answer(200, `)]}',\n${text}`)]
]

const otherShape: ReadonlyArray<readonly [what: string, reply: Answer]> = [
  ["null", json(200, null)],
  ["a number", json(200, 1000)],
  ["a text", json(200, "1000")],
  ["true", json(200, true)],
  ["an empty object", json(200, {})],
  ["an empty list", json(200, [])],
  ["a list with the balance", json(200, [figures])],
  ["the figures as texts", json(200, { availableCredits: "1000", totalCredits: "1000" })],
  ["one figure as a text", { ...json(200, { ...figures, availableCredits: "1000" }), step: "wrong_type" }],
  ["one figure as null", json(200, { ...figures, totalCredits: null })],
  ["one figure as a list", json(200, { ...figures, totalCredits: [1000] })],
  ["one figure as true", json(200, { ...figures, availableCredits: true })],
  ["without the total", { ...json(200, { availableCredits: 1000 }), step: "missing_field" }],
  ["without what is available", json(200, { totalCredits: 1000 })],
  ["with its fields in another case", json(200, { AvailableCredits: 1, TotalCredits: 1 })],
  ["with names of another style", json(200, { available_credits: 1, total_credits: 1 })],
  ["a figure that no number holds", answer(200, "{\"availableCredits\":1e400,\"totalCredits\":1}")],
  ["a figure below all numbers", answer(200, "{\"availableCredits\":-1e400,\"totalCredits\":1}")],
  ["an envelope with half of the balance", json(200, envelope({ availableCredits: 1 }))],
  ["an envelope with nothing in it", json(200, envelope(null))],
  ["an envelope without data", json(200, { code: "SUCCESS", message: "success" })],
  ["an envelope with a list", json(200, envelope([figures]))],
  ["an envelope in an envelope", json(200, envelope(envelope(figures)))],
  ["the balance under another name", json(200, { result: figures })],
  ["figures that the prototype has", answer(200, "{\"__proto__\":{\"availableCredits\":1,\"totalCredits\":1}}")],
  ["a code without a message", json(200, { code: "ODD" })],
  ["a message without a code", json(200, { message: "odd" })]
]

const refused = (reason: string, isTransient: boolean): Wants => ({
  outcome: "PolloInvalidResponse",
  fields: { reason, status: 200, isTransient, isRetryable: false, attempts: 1, retryAfter: undefined },
  requests: 1,
  waits: [0]
})

const invalid: ReadonlyArray<Behaviour> = [
  ...notJson.map(([what, reply]) => ({
    name: `a 200 whose body is ${what} is not JSON, which can pass`,
    replies: [reply],
    wants: refused("NotJson", true)
  })),
  ...otherShape.map(([what, reply]) => ({
    name: `a 200 whose body is ${what} is of a shape that will not pass`,
    replies: [reply],
    wants: refused("Schema", false)
  }))
]

const tooLarge: ReadonlyArray<readonly [what: string, reply: Answer, options?: Options]> = [
  ["65,537 bytes", answer(200, "x".repeat(65_537))],
  ["65,537 bytes of which most is white space", answer(200, text + " ".repeat(65_537 - text.length))],
  ["many pieces", answer(200, inPieces(...Array.from({ length: 70 }, () => ({ text: " ".repeat(1_000) }))))],
  ["without an end", answer(200, { pieces: [{ text: " ".repeat(70_000) }], end: "silence" })],
  ["one byte more than the caller allows", answer(200, text), { maxBodySize: text.length - 1 }],
  ["more bytes than characters", answer(200, "\u00e9".repeat(6)), { maxBodySize: 11 }]
]

const bounded: ReadonlyArray<Behaviour> = [
  ...tooLarge.map(([what, reply, options = {}]) => ({
    name: `a body (${what}) is too large, and reading stops`,
    replies: [reply],
    options,
    wants: refused("TooLarge", false)
  })),
  {
    name: "a body of 65,536 bytes is not too large",
    replies: [answer(200, text + " ".repeat(65_536 - text.length))],
    wants: { outcome: "Balance", fields: figures, requests: 1, waits: [0] }
  }
]

const unfinished: ReadonlyArray<Behaviour> = [
  ["ECONNRESET", "UND_ERR_SOCKET", "UND_ERR_BODY_TIMEOUT", "Z_DATA_ERROR", "HPE_INVALID_CHUNK_SIZE"].map((
    code
  ): Behaviour => ({
    name: `a balance that breaks off with ${code} is a transport error with that code`,
    replies: [answer(200, beginsAndBreaks("{\"availableCredits\":", code))],
    policy: once,
    wants: { outcome: "PolloTransportError", fields: { code, isTransient: true }, requests: 1, waits: [0] }
  })),
  [{
    name: "a balance that breaks off is retried",
    replies: [answer(200, beginsAndBreaks("{")), balance],
    wants: { outcome: "Balance", fields: figures, requests: 2, waits: [250, 0] }
  }, {
    name: "a complete balance whose body never ends times out",
    replies: [answer(200, beginsAndIsSilent(text))],
    policy: once,
    wants: { outcome: "PolloTimeout", fields: { phase: "attempt", timeout: 5_000 }, requests: 1, waits: [5_000] }
  }] satisfies ReadonlyArray<Behaviour>
].flat()

export const answers = { balances, invalid, bounded, unfinished }
