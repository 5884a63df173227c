/** Requests that get no answer. The code is the system's own; nothing else of the failure is kept. */
import { balance, failure, refusal, reset } from "../replies.ts"
import { type Behaviour, key } from "../row.ts"

const codes = ["ECONNREFUSED", "ECONNRESET", "ECONNABORTED", "ENOTFOUND", "EAI_AGAIN", "ETIMEDOUT", "EPIPE"].concat(
  ["EHOSTUNREACH", "ENETUNREACH", "ENETDOWN", "EADDRNOTAVAIL", "EMFILE", "EPROTO", "EACCES"],
  ["UND_ERR_SOCKET", "UND_ERR_CONNECT_TIMEOUT", "UND_ERR_HEADERS_TIMEOUT", "UND_ERR_HEADERS_OVERFLOW"],
  ["CERT_HAS_EXPIRED", "DEPTH_ZERO_SELF_SIGNED_CERT", "SELF_SIGNED_CERT_IN_CHAIN", "ERR_TLS_CERT_ALTNAME_INVALID"],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "ERR_SSL_WRONG_VERSION_NUMBER", "HPE_INVALID_CONSTANT", "HPE_HEADER_OVERFLOW"]
)

const coded: ReadonlyArray<Behaviour> = codes.flatMap((code): ReadonlyArray<Behaviour> => [
  {
    name: `a connection that fails with ${code} is a transport error with that code`,
    replies: [failure(code)],
    policy: { maxRetries: 0 },
    wants: {
      outcome: "PolloTransportError",
      fields: { code, attempts: 1, isRetryable: true, isTransient: true },
      requests: 1,
      waits: [0]
    }
  },
  {
    name: `a connection that fails with ${code} is tried again`,
    replies: [failure(code), balance],
    wants: { outcome: "Balance", requests: 2, waits: [250, 0] }
  }
])

const caused = (...codes: ReadonlyArray<string>): unknown =>
  codes.reduceRight<unknown>((cause, code) => Object.assign(new Error(code, { cause }), { code }), undefined)

const causes: ReadonlyArray<readonly [what: string, cause: unknown, code: string | undefined]> = [
  ["that has no cause", undefined, undefined],
  ["whose cause has no code", new Error("it just failed"), undefined],
  ["whose cause is a text", "ECONNRESET", undefined],
  ["whose cause is null", null, undefined],
  ["whose code is a number", { code: 42 }, undefined],
  ["whose code is a sentence", { code: "the server went away" }, undefined],
  ["whose code is empty", { code: "" }, undefined],
  ["whose code is longer than any code", { code: "E".repeat(65) }, undefined],
  ["whose code is the key", { code: key.replaceAll("-", "_"), cause: { code: key } }, key.replaceAll("-", "_")],
  ["two causes deep", caused("ERR_OUTER", "ECONNRESET"), "ECONNRESET"],
  ["five causes deep", caused("A", "B", "C", "D", "ENOTFOUND"), "ENOTFOUND"],
  ["at every address of a name", new AggregateError([caused("ECONNREFUSED"), caused("ENETUNREACH")]), "ECONNREFUSED"],
  ["at no address at all", new AggregateError([]), undefined]
]

const quoted: ReadonlyArray<Behaviour> = causes.map(([what, cause, code]) => ({
  name: `a failure ${what} is a transport error ${code === undefined ? "without a code" : `with the code ${code}`}`,
  replies: [{ _tag: "Failure", cause }],
  policy: { maxRetries: 0 },
  wants: { outcome: "PolloTransportError", fields: { code, isTransient: true }, requests: 1, waits: [0] }
}))

const again: ReadonlyArray<Behaviour> = [
  {
    name: "a server that is gone is tried four times",
    replies: [failure("ECONNREFUSED")],
    wants: {
      outcome: "PolloTransportError",
      fields: { code: "ECONNREFUSED", attempts: 4 },
      requests: 4,
      waits: [250, 500, 1_000, 0]
    }
  },
  {
    name: "a connection that is reset twice is tried until it answers",
    replies: [reset, reset, balance],
    wants: { outcome: "Balance", requests: 3, waits: [250, 500, 0] }
  },
  {
    name: "a connection that is reset, and then refuses the key, ends with that",
    replies: [reset, refusal(401)],
    wants: { outcome: "PolloUnauthorized", fields: { attempts: 2 }, requests: 2, waits: [250, 0] }
  }
]

export const transport = { coded, quoted, again }
