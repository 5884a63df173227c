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
import { exitCodes } from "../../src/values/exit-codes.ts"
import { explain } from "../../src/output/explain.ts"
import { plainSetup } from "../../src/output/reasons.ts"
import {
  BelowMinimum,
  type Failure,
  KeyFileProblem,
  Misuse,
  MockNotInstalled,
  OutputFailed,
  SpecDiffers
} from "../../src/values/problems.ts"

const said = { status: 400, code: "CODE", message: "the server's words", issues: [], attempts: 1 }
const transport = (code?: string) => new PolloTransportError({ attempts: 1, ...(code === undefined ? {} : { code }) })
const invalid = (reason: PolloInvalidResponse["reason"], status = 200) =>
  new PolloInvalidResponse({ reason, status, attempts: 1 })

const elsewhere = { ownAddress: true, proxy: undefined }
const proxied = { ownAddress: false, proxy: "https_proxy" }

const failures: ReadonlyArray<readonly [Failure, code: number, words: string]> = [
  [
    new PolloBadRequest({ ...said, issues: [{ message: "one" }, { message: "two" }] }),
    10,
    "words; one; two (400 CODE)"
  ],
  [new PolloUnauthorized(said), 11, "the key is incomplete or something else"],
  [new PolloUnauthorized(said), 11, "put a current key into POLLO_API_KEY"],
  [new PolloForbidden(said), 12, "https://pollo.ai/api-platform/billing"],
  [new PolloNotFound({ ...said, code: "NOT_FOUND" }), 13, "the API does not know this key"],
  [new PolloRateLimited(said), 14, "ask again later, and less often"],
  [new PolloRateLimited({ ...said, retryAfter: Duration.seconds(90) }), 14, "ask again in 1m 30s, and less often"],
  [new PolloRateLimited({ ...said, retryAfter: Duration.zero }), 14, "ask again later, and less often"],
  [new PolloServerError({ ...said, retryAfter: Duration.zero }), 15, "ask again later; if it lasts"],
  [new PolloServerError(said), 15, "ask again later; if it lasts"],
  [new PolloServerError({ ...said, retryAfter: Duration.seconds(5) }), 15, "ask again in 5s; if it lasts"],
  [new PolloApiError(said), 16, "pollo-credits check"],
  [transport(), 17, "the connection broke"],
  [new PolloServerError({ ...said, status: 522 }), 15, "the CDN before the API"],
  [new PolloApiError({ ...said, status: 407 }), 16, "a proxy on the way wants a user name and a password"],
  [new PolloServerError({ ...said, status: 511 }), 15, "the network wants somebody to sign in first"],
  [transport("ECONNREFUSED"), 17, "nothing listens at that address"],
  [transport("PROXY_AUTHENTICATION_REQUIRED"), 17, "a proxy on the way wants a user name and a password"],
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
  [invalid("Intercepted"), 19, "a CDN or a proxy answered in place of the API"],
  [invalid("Intercepted", 407), 19, "http://user:password@proxy:port"],
  [invalid("Intercepted", 511), 19, "sign in, and ask again"],
  [invalid("Redirect"), 19, "if you trust the new address, put it into POLLO_BASE_URL"],
  [new PolloConfigError({ field: "POLLO_API_KEY", problem: "is not set; more" }), 3, "export POLLO_API_KEY"],
  [new PolloConfigError({ field: "--api-key-file", problem: "must not be empty" }), 3, "put the key into it"],
  [new PolloConfigError({ field: "POLLO_BASE_URL", problem: "must be an https URL" }), 3, "unset POLLO_BASE_URL"],
  [new PolloConfigError({ field: "POLLO_DEADLINE", problem: "must be a duration" }), 3, "unset POLLO_DEADLINE"],
  [new Misuse({ problem: "--exec needs --low" }), 2, "--exec needs --low"],
  [new KeyFileProblem({ flag: "--api-key-file", path: undefined, reason: "NotFound" }), 3, "does not exist"],
  [new KeyFileProblem({ flag: "--api-key-file", path: undefined, reason: "NotReadable" }), 3, "cannot be read"],
  [
    new KeyFileProblem({ flag: "--api-key-file", path: "/key", reason: "Silent" }),
    3,
    "is a pipe or a device that says nothing: /key"
  ],
  [new KeyFileProblem({ flag: "--api-key-file", path: "/key", reason: "NotAFile" }), 3, "is no file: /key"],
  [
    new KeyFileProblem({ flag: "--api-key-file", path: "/key", reason: "TooLarge" }),
    3,
    "is too large to be a key: /key"
  ],
  [new MockNotInstalled(), 3, "npm install @effect-pollo/mock-server"],
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

  const wrongKey = new PolloNotFound({ ...said, status: 404, code: "NOT_FOUND" })
  const webServer = new PolloNotFound({ ...said, status: 404, code: "HTTP_404" })
  it.each([
    ["the API's own, at the vendor's address", wrongKey, plainSetup, /mistyped/, /^put a current key/],
    ["the API's own, at another address", wrongKey, elsewhere, /mistyped.*or else POLLO_BASE_URL/, /^put.*then check/],
    ["a web server's, at another address", webServer, elsewhere, /POLLO_BASE_URL.*or else.*mistyped/, /^unset POLLO_B/],
    [
      "a web server's, at the vendor's address",
      webServer,
      plainSetup,
      /API moved, or a proxy.*or else/,
      /^check any proxy/
    ]
  ])("puts the likelier cause of a 404 first: %s", (_what, failure, setup, why, fix) => {
    const told = explain(failure, setup)
    expect([told.why, told.fix]).toEqual([expect.stringMatching(why), expect.stringMatching(fix)])
  })

  it("never sends anybody to the account for what a CDN or a proxy answered", () => {
    for (const status of [401, 403, 407, 503, 511]) {
      for (const setup of [plainSetup, elsewhere, proxied]) {
        const { fix, what, why = "" } = explain(invalid("Intercepted", status), setup)
        expect([what, why, fix].join(" ")).not.toMatch(/billing|buy|look at the account|POLLO_API_KEY/)
      }
    }
  })

  it("names the proxy where there is one", () => {
    for (const failure of [transport("ECONNREFUSED"), transport("UND_ERR_ABORTED"), invalid("Intercepted", 407)]) {
      const { fix, why = "" } = explain(failure, proxied)
      expect(why + fix).toContain("https_proxy")
    }
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
