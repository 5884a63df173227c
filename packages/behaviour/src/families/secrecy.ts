/** Servers and transports that quote the key. The judge searches all that any row could print. */
import { answer, balance, json, page, refusal } from "../replies.ts"
import { type Answer, type Behaviour, key, type Wants } from "../row.ts"

const hex = (text: string): string =>
  Array.from(text, (char) => char.charCodeAt(0).toString(16).padStart(2, "0")).join("")

/**
 * `left` is the text after the key was removed, if it is not only `<redacted>`: in base64, digits of the text beside
 * the key.
 */
const forms: ReadonlyArray<readonly [how: string, form: string, left?: string]> = [
  ["in clear text", key],
  ["in capitals", key.toUpperCase()],
  ["in lower case", key.toLowerCase()],
  ["percent-encoded", Array.from(key, (char) => `%${hex(char)}`).join("")],
  ["percent-encoded in capitals", Array.from(key, (char) => `%${hex(char).toUpperCase()}`).join("")],
  ["percent-encoded twice", Array.from(key, (char) => `%25${hex(char)}`).join("")],
  ["percent-encoded in part", key.replaceAll("-", "%2D").replaceAll("_", "%5f")],
  ["in hex", hex(key)],
  ["in hex in capitals", hex(key).toUpperCase()],
  ["in hex with colons", hex(key).replaceAll(/..(?!$)/g, "$&:")],
  ["in base64", btoa(key)],
  ["in base64 after one other byte", btoa(`:${key}`), "O<redacted>"],
  ["in base64 after two other bytes", btoa(`k:${key}`), "az<redacted>"],
  ["in base64 before other bytes", btoa(`${key}:secret`), "<redacted>OnNlY3JldA=="],
  ["in base64url", btoa(`?>${key}`).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", ""), "Pz<redacted>"],
  ["in escapes of JSON", Array.from(key, (char) => `\\u00${hex(char)}`).join("")],
  ["in escapes of JavaScript", Array.from(key, (char) => `\\x${hex(char)}`).join("")],
  ["in entities of HTML", Array.from(key, (char) => `&#${char.charCodeAt(0)};`).join("")],
  ["in hexadecimal entities of HTML", Array.from(key, (char) => `&#x${hex(char)};`).join("")]
]

const places: ReadonlyArray<readonly [where: string, reply: (form: string) => Answer, field: string]> = [
  ["the message", (form) => json(400, { code: "BAD_REQUEST", message: `no such key: ${form}!` }), "message"],
  ["the code", (form) => json(400, { code: form, message: "no" }), "code"],
  [
    "an issue",
    (form) => json(400, { code: "BAD_REQUEST", message: "no", issues: [{ message: `bad ${form}` }] }),
    "issues"
  ],
  ["the request's id", (form) => refusal(400, { "x-request-id": `req ${form}` }), "requestId"]
]

/** The value of each field after the key was removed. */
const without = (left: string): Readonly<Record<string, unknown>> => ({
  message: `no such key: ${left}!`,
  code: left,
  issues: [{ message: `bad ${left}` }],
  requestId: `req ${left}`
})

const quoted: ReadonlyArray<Behaviour> = forms.flatMap(([how, form, left = "<redacted>"]) =>
  places.map(([where, reply, field]): Behaviour => ({
    name: `the key ${how} is taken out of ${where}`,
    replies: [reply(form)],
    wants: { outcome: "PolloBadRequest", fields: { [field]: without(left)[field] }, requests: 1 }
  }))
)

const refused = (outcome: Wants["outcome"], fields: Wants["fields"] = {}): Wants => ({ outcome, fields, requests: 1 })

const elsewhere: ReadonlyArray<Behaviour> = [
  {
    name: "the key in a body that is no JSON is not kept",
    replies: [answer(200, `{${key}`)],
    wants: refused("PolloInvalidResponse", { reason: "NotJson" })
  },
  {
    name: "the key in a body of another shape is not kept",
    replies: [json(200, { availableCredits: key, totalCredits: 1 })],
    wants: refused("PolloInvalidResponse", { reason: "Schema" })
  },
  {
    name: "the key in a field beside the balance is not kept",
    replies: [json(200, { availableCredits: 1, totalCredits: 2, owner: key })],
    wants: refused("Balance", { owner: undefined })
  },
  {
    name: "the key in the address of a redirect is not kept",
    replies: [answer(307, null, { location: `https://elsewhere.test/${key}` }), balance],
    wants: refused("PolloInvalidResponse", { reason: "Redirect" })
  },
  {
    name: "the key in the page of an interception is not kept",
    replies: [answer(403, `<html>${key}</html>`, { "content-type": "text/html", "cf-ray": key })],
    wants: refused("PolloInvalidResponse", { reason: "Intercepted" })
  },
  {
    name: "the key in the id of an intercepted request is taken out",
    replies: [page(403, { "x-request-id": key })],
    wants: refused("PolloInvalidResponse", { requestId: "<redacted>" })
  },
  {
    name: "the key in a header that nobody reads is not kept",
    replies: [refusal(401, { "set-cookie": `session=${key}`, "www-authenticate": key })],
    wants: refused("PolloUnauthorized")
  },
  {
    name: "the key twice in a message is taken out twice",
    replies: [json(400, { code: "BAD_REQUEST", message: `${key} ${key}` })],
    wants: refused("PolloBadRequest", { message: "<redacted> <redacted>" })
  },
  {
    name: "no part of a key at the cut of a long message stays",
    replies: [json(400, { code: "BAD_REQUEST", message: `${"m".repeat(990)}${key}` })],
    wants: refused("PolloBadRequest", { message: `${"m".repeat(990)}<redacted>` })
  },
  {
    name: "a code that is the key still decides which error it is",
    replies: [json(200, { code: "UNAUTHORIZED", message: "no" })],
    options: { apiKey: "UNAUTHORIZED" },
    wants: refused("PolloUnauthorized", { code: "HTTP_401", isTransient: false })
  },
  {
    name: "a key of fewer than 8 characters is not searched for: it would ruin every word",
    replies: [json(400, { code: "BAD_REQUEST", message: "bad" })],
    options: { apiKey: "a" },
    wants: refused("PolloBadRequest", { message: "bad" })
  },
  {
    name: "a key with signs of a pattern in it is searched for as it is",
    replies: [json(400, { code: "BAD_REQUEST", message: "not a.*(b)+[c]$ but axxxb" })],
    options: { apiKey: "a.*(b)+[c]$" },
    wants: refused("PolloBadRequest", { message: "not <redacted> but axxxb" })
  },
  {
    name: "a key longer than any real key removes the whole text",
    replies: [json(400, { code: "BAD_REQUEST", message: "words" })],
    options: { apiKey: "k".repeat(1_025) },
    wants: refused("PolloBadRequest", { message: "<redacted>" })
  },
  {
    name: "of a transport error that quotes the request only the code is kept",
    replies: [{ _tag: "Failure", cause: Object.assign(new Error(`x-api-key: ${key}`), { code: "EPIPE", key }) }],
    policy: { maxRetries: 0 },
    wants: refused("PolloTransportError", { code: "EPIPE" })
  }
]

export const secrecy = { quoted, elsewhere }
