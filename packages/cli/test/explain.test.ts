import {
  PolloApiError,
  PolloBadRequest,
  PolloConfigError,
  PolloError,
  PolloForbidden,
  PolloInvalidResponse,
  PolloNotFound,
  PolloRateLimited,
  PolloServerError,
  PolloTimeout,
  PolloTransportError,
  PolloUnauthorized
} from "@effect-pollo/client"
import { Duration } from "effect"
import { describe, expect, it } from "vitest"
import { exitCodes } from "../src/values/exit-codes.ts"
import { explain } from "../src/output/explain.ts"
import {
  BelowMinimum,
  type Failure,
  KeyFileProblem,
  Misuse,
  MockCannotListen,
  MockNotInstalled,
  OutputFailed,
  SpecDiffers
} from "../src/values/problems.ts"

const said = { status: 400, code: "CODE", message: "the server's words", issues: [], attempts: 1 }
const transport = (code?: string) => new PolloTransportError({ attempts: 1, ...(code === undefined ? {} : { code }) })
const invalid = (reason: PolloInvalidResponse["reason"]) =>
  new PolloInvalidResponse({ reason, status: 200, attempts: 1 })

const failures: ReadonlyArray<readonly [Failure, code: number, words: string]> = [
  [
    new PolloBadRequest({ ...said, issues: [{ message: "one" }, { message: "two" }] }),
    10,
    "words; one; two (400 CODE)"
  ],
  [new PolloUnauthorized(said), 11, "put a current key into POLLO_API_KEY"],
  [new PolloForbidden(said), 12, "https://pollo.ai/api-platform/billing"],
  [new PolloNotFound(said), 13, "unset POLLO_BASE_URL"],
  [new PolloRateLimited(said), 14, "ask again later, and less often"],
  [new PolloRateLimited({ ...said, retryAfter: Duration.seconds(90) }), 14, "ask again in 1m 30s, and less often"],
  [new PolloRateLimited({ ...said, retryAfter: Duration.zero }), 14, "ask again later, and less often"],
  [new PolloServerError({ ...said, retryAfter: Duration.zero }), 15, "ask again later; if it lasts"],
  [new PolloServerError(said), 15, "ask again later; if it lasts"],
  [new PolloServerError({ ...said, retryAfter: Duration.seconds(5) }), 15, "ask again in 5s; if it lasts"],
  [new PolloApiError(said), 16, "pollo-credits check"],
  [transport(), 17, "the connection broke"],
  [transport("ECONNREFUSED"), 17, "nothing listens at that address"],
  [transport("ENOTFOUND"), 17, "the host name is unknown"],
  [transport("EAI_AGAIN"), 17, "the host name is unknown"],
  [transport("CERT_HAS_EXPIRED"), 17, "NODE_EXTRA_CA_CERTS"],
  [transport("UNABLE_TO_VERIFY_LEAF_SIGNATURE"), 17, "NODE_EXTRA_CA_CERTS"],
  [transport("ERR_TLS_CERT_ALTNAME_INVALID"), 17, "NODE_EXTRA_CA_CERTS"],
  [new PolloTimeout({ phase: "attempt", timeout: Duration.seconds(5), attempts: 4 }), 18, "POLLO_ATTEMPT_TIMEOUT="],
  [new PolloTimeout({ phase: "deadline", timeout: Duration.seconds(30), attempts: 4 }), 18, "POLLO_DEADLINE="],
  [invalid("NotJson"), 19, "not JSON"],
  [invalid("Schema"), 19, "no balance"],
  [invalid("TooLarge"), 19, "far too large"],
  [invalid("Redirect"), 19, "if you trust the new address, put it into POLLO_BASE_URL"],
  [new PolloConfigError({ field: "POLLO_API_KEY", problem: "is not set; more" }), 3, "export POLLO_API_KEY"],
  [new PolloConfigError({ field: "--api-key-file", problem: "must not be empty" }), 3, "put the key into it"],
  [new PolloConfigError({ field: "POLLO_BASE_URL", problem: "must be an https URL" }), 3, "unset POLLO_BASE_URL"],
  [new PolloConfigError({ field: "POLLO_DEADLINE", problem: "must be a duration" }), 3, "unset POLLO_DEADLINE"],
  [new Misuse({ problem: "--exec needs --low" }), 2, "--exec needs --low"],
  [new KeyFileProblem({ path: "/key", reason: "NotFound" }), 3, "does not exist: /key"],
  [new KeyFileProblem({ path: "/key", reason: "NotReadable" }), 3, "cannot be read: /key"],
  [new KeyFileProblem({ path: "/key", reason: "NotAFile" }), 3, "is no file: /key"],
  [new KeyFileProblem({ path: "/key", reason: "TooLarge" }), 3, "is too large to be a key: /key"],
  [new MockNotInstalled(), 3, "npm install @effect-pollo/mock-server"],
  [new MockCannotListen({ problem: "cannot listen on h:1: the port is in use. Choose" }), 3, "the port is in use"],
  [new OutputFailed({ code: "ENOSPC" }), 3, "standard output cannot be written (ENOSPC)"],
  [new BelowMinimum({ availableCredits: 1234.5, min: 2000 }), 4, "1,234.5 credits are left, fewer than the 2,000"],
  [new SpecDiffers({ names: ["envelope", "extra_field"] }), 5, "description: envelope, extra_field"]
]

describe("explain", () => {
  it.each(failures)("%o: its exit code, and what to do about it", (failure, code, words) => {
    const { exit, fix, what, why } = explain(failure)
    expect(exitCodes[exit].code).toBe(code)
    expect([what, why ?? "", fix].join("\n")).toContain(words)
    for (const line of [what, why ?? "-", fix]) expect(line).toMatch(/^[^\n]+$/)
  })

  it("has a code of its own for each member of the union, none of them shared", () => {
    const tags = PolloError.members.map((member) => member.fields._tag.ast.literal)
    expect(failures.map(([failure]) => failure._tag)).toEqual(expect.arrayContaining([...tags]))
    for (const [failure] of failures) {
      if (tags.some((tag) => tag === failure._tag)) expect(explain(failure).exit).toBe(failure._tag)
    }
    const codes = Object.values(exitCodes).map(({ code }) => code)
    expect(new Set(codes).size).toBe(codes.length)
  })
})
