import { isLoopback } from "@effect-pollo/protocol"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { isIPv6 } from "node:net"
import { type Access, access, type AccessFlags } from "../api/access.ts"
import { explain } from "../output/explain.ts"
import { say, Scrubbing } from "../output/print.ts"
import { reporting, untilStopped } from "../output/report.ts"
import { printable } from "../values/figures.ts"
import { type KeyFileProblem, Misuse } from "../values/problems.ts"
import type { PolloConfigError } from "@effect-pollo/client"
import * as accounts from "./account.ts"
import { expose } from "./metrics.ts"
import { serve } from "./server.ts"

export interface ExporterFlags extends AccessFlags {
  readonly port: number
  readonly host: string
  readonly timeToLive: Duration.Duration
  readonly accounts: ReadonlyArray<{ readonly name: string; readonly file: string }>
}

/** The label of an account that has no name. */
const unnamed = "default"

export const run = (flags: ExporterFlags) =>
  Effect.gen(function*() {
    const named = yield* accessOf(flags)
    const scrub = (text: string) => named.reduce((left, { access }) => access.scrub(left), text)
    yield* Effect.provideService(exporter(flags, named), Scrubbing, scrub)
  }).pipe(Effect.scoped, reporting(Effect.undefined), untilStopped)

interface Named {
  readonly name: string
  readonly access: Access
}

const accessOf = Effect.fnUntraced(function*(
  flags: ExporterFlags
): Effect.fn.Return<ReadonlyArray<Named>, Misuse | PolloConfigError | KeyFileProblem> {
  if (flags.accounts.length === 0) return [{ name: unnamed, access: yield* access(flags) }]
  if (Option.isSome(flags.apiKeyFile)) {
    return yield* new Misuse({ problem: "--account and --api-key-file cannot be used together: both name a key" })
  }
  if (new Set(flags.accounts.map(({ name }) => name)).size < flags.accounts.length) {
    return yield* new Misuse({ problem: "--account must have another name each time" })
  }
  const named = yield* Effect.forEach(
    flags.accounts,
    ({ file, name }) =>
      Effect.map(access({ apiKeyFile: Option.some(file) }, "--account"), (access): Named => ({ name, access }))
  )
  // Everybody who reads the metrics sees the names.
  return named.some(({ name }) => named.some(({ access }) => access.scrub(name) !== name))
    ? yield* new Misuse({ problem: "--account must not have a key for its name; the file holds the key" })
    : named
})

const exporter = Effect.fnUntraced(function*({ host, port, timeToLive }: ExporterFlags, named: ReadonlyArray<Named>) {
  const watched = yield* Effect.forEach(
    named,
    ({ access: { client, setup, transport }, name }) =>
      Effect.gen(function*() {
        const services = yield* Layer.build(Layer.provide(client({}), transport))
        return yield* accounts.make({
          account: name,
          timeToLive,
          onChange: (error) =>
            say(
              `pollo-credits: ${printable(name)}: ${
                error === undefined ? "the balance can be read again" : explain(error, setup).what
              }`
            )
        }).pipe(Effect.provide(services))
      })
  )
  const shownHost = isIPv6(host) ? `[${host}]` : host
  if (!isLoopback(shownHost)) {
    yield* say("pollo-credits: warning: --host lets everybody who reaches that address read the balance")
  }
  const served = yield* serve(
    { host, port },
    (patience) =>
      Effect.forEach(watched, ({ look }) => look(patience), { concurrency: "unbounded" }).pipe(Effect.flatMap(expose))
  )
  yield* say(`pollo-credits exporter: http://${shownHost}:${served}/metrics`)
  return yield* Effect.never
})
