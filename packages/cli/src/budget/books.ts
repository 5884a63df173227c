/** The books of a fleet's budget, on the Redis that the command line names. */
import { CreditBudgetRedis } from "@effect-pollo/client/CreditBudgetRedis"
import type { BudgetStoreError, CreditBudget } from "@effect-pollo/client/CreditBudget"
import { PolloConfigError } from "@effect-pollo/client"
import type { Scrub } from "@effect-pollo/protocol"
import * as NodeRedis from "@effect/platform-node/NodeRedis"
import * as Config from "effect/Config"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import { Scrubbing } from "../output/print.ts"
import { endWith, type Reported, reporting } from "../output/report.ts"
import { type Failure, Misuse, NoRedis, type OutputClosed } from "../values/problems.ts"
import { scrubOf } from "../values/secrets.ts"

export interface BooksFlags {
  readonly redis: Option.Option<string>
  readonly account: Option.Option<string>
  readonly prefix: Option.Option<string>
  readonly json: boolean
}

export interface Books {
  /** Each use connects and disconnects, so that no connection stays open while the person decides. */
  readonly use: <A>(
    f: (operator: CreditBudgetRedis.Operator) => Effect.Effect<A, BudgetStoreError | PolloConfigError>
  ) => Effect.Effect<A, Misuse | NoRedis>
}

/** The time limit for connecting, asking and disconnecting together. */
const limit = Duration.seconds(5)

const variable = (name: string): Effect.Effect<string | undefined> =>
  Effect.orElseSucceed(Effect.map(Config.option(Config.String(name)), Option.getOrUndefined), () => undefined)

const urlProblem = "must be the URL of a Redis, such as redis://user:password@redis.example:6379"

const wrong = (field: string, problem: string): Misuse | PolloConfigError =>
  field.startsWith("--") ? new Misuse({ problem: `${field} ${problem}` }) : new PolloConfigError({ field, problem })

/**
 * Parses the address of a Redis as its client does. The client's own errors are not used, because they may quote the
 * address.
 */
const check = (field: string, text: string): Effect.Effect<URL, Misuse | PolloConfigError> =>
  Effect.try({
    try: () => {
      const url = new URL(text)
      decodeURIComponent(url.username + url.password)
      if (!/^rediss?:$/.test(url.protocol) || url.hostname === "" || !/^\/?\d*$/.test(url.pathname)) {
        throw new TypeError()
      }
      return url
    },
    catch: () => wrong(field, urlProblem)
  })

/** Runs a command on the books, and removes the secrets of the address from all that the command writes. */
export const withBooks = <R>(
  flags: BooksFlags,
  command: (books: Books) => Effect.Effect<void, Failure | OutputClosed, R>
): Effect.Effect<void, Reported, R> =>
  Effect.gen(function*() {
    const { scrub, use } = yield* open(flags).pipe(Effect.catch((failure) => endWith(failure)))
    yield* command({ use }).pipe(reporting(Effect.undefined), Effect.provideService(Scrubbing, scrub))
  })

const open = Effect.fnUntraced(function*(
  flags: BooksFlags
): Effect.fn.Return<Books & { readonly scrub: Scrub }, Misuse | PolloConfigError> {
  const field = Option.isSome(flags.redis) ? "--redis" : "REDIS_URL"
  const text = Option.getOrUndefined(flags.redis) ?? (yield* variable("REDIS_URL"))
  if (text === undefined) {
    return yield* new Misuse({ problem: "--redis is missing, and so is REDIS_URL, which other users cannot see" })
  }
  const url = yield* check(field, text)
  const key = yield* variable("POLLO_API_KEY")
  const account = Option.getOrUndefined(flags.account) ?? (key === undefined ? undefined : Redacted.make(key))
  if (account === undefined) {
    return yield* new Misuse({ problem: "--account is missing, and so is POLLO_API_KEY, which may be the account" })
  }
  const named = { account, ...Option.isSome(flags.prefix) ? { prefix: flags.prefix.value } : {} }

  const use: Books["use"] = (f) =>
    CreditBudgetRedis.operator(named).pipe(
      Effect.flatMap(f),
      Effect.scoped,
      Effect.provide(NodeRedis.layer({ url: text, socket: { connectTimeout: Duration.toMillis(limit) } })),
      // The connection and the books log their failures, but a failure is reported once, at the end.
      Effect.provide(Logger.layer([])),
      Effect.catchTag("RedisError", ({ cause }) => Effect.fail(notConnected(cause))),
      Effect.catchTag("BudgetStoreError", (error) => Effect.fail(refused(error))),
      Effect.catchTag("PolloConfigError", (error) =>
        Effect.fail(new Misuse({ problem: `--${error.field} ${error.problem}` }))),
      // In the background, because the client waits for ever for a Redis that accepts the connection and never answers.
      Effect.forkDetach,
      Effect.flatMap((fiber) =>
        Fiber.join(fiber)
      ),
      Effect.timeoutOrElse({
        duration: limit,
        orElse: () => Effect.fail(new NoRedis({ reason: "Silent" }))
      })
    )
  const password = decodeURIComponent(url.password)
  const scrubs = [
    scrubOf({ key, words: process.argv.slice(2) }),
    scrubOf({ key: password }),
    scrubOf({ key: url.password })
  ]
  return { use, scrub: (line) => scrubs.reduce((left, scrub) => scrub(left), line) }
})

/** Reports only the code of a failed connection, or the first word of a reply: the rest may quote what was sent. */
const notConnected = (cause: unknown): NoRedis => {
  const error = Predicate.hasProperty(cause, "originalError") ? cause.originalError : cause
  if (Predicate.hasProperty(error, "code") && Predicate.isString(error.code)) {
    return new NoRedis({ reason: "Silent", code: error.code })
  }
  const [word] = error instanceof Error ? /^[A-Z][A-Z\d]+(?= |$)/.exec(error.message) ?? [] : []
  if (word === undefined) return new NoRedis({ reason: "Silent" })
  return new NoRedis({ reason: /^(WRONGPASS|NOAUTH|NOPERM|ERR)$/.test(word) ? "Denied" : "Busy", code: word })
}

const refused = ({ code, message, reason }: BudgetStoreError): NoRedis =>
  code === undefined
    ? new NoRedis({ reason: "Silent" })
    : new NoRedis({ reason: reason === "Denied" ? "Denied" : "Busy", code, said: message.replace(/; no job .*$/, "") })

/** A hold as `--json` prints it, with every field. */
export const toOutput = (hold: CreditBudget.Hold) => ({ ...hold, label: hold.label ?? null })
