/**
 * The commands, their flags and their help. The code of a command is loaded when the command runs: help, completions
 * and a mistyped flag need no HTTP client.
 */
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { isIP } from "node:net"
import { expected } from "./mistakes.ts"
import { allDifferenceNames } from "./values/difference.ts"
import { durationForms, durationOf } from "./values/durations.ts"

const apiKeyFile = Flag.Path("api-key-file").pipe(
  Flag.withDescription("Read the key from this file instead of from POLLO_API_KEY"),
  Flag.optional
)
const verbose = Flag.Boolean("verbose").pipe(
  Flag.withDescription("Also say what was sent: attempts, waits, request id"),
  Flag.withDefault(false)
)
const json = (description: string) =>
  Flag.Boolean("json").pipe(Flag.withDescription(description), Flag.withDefault(false))

const positiveDuration = (text: string): Option.Option<Duration.Duration> =>
  Option.filter(durationOf(text), (duration) => Duration.isFinite(duration) && Duration.isPositive(duration))

/** A name may contain anything except the `=` that ends it. */
const namedFile = (text: string): Option.Option<{ readonly name: string; readonly file: string }> => {
  const [name = "", ...file] = text.split("=")
  return name === "" || file.join("") === "" ? Option.none() : Option.some({ name, file: file.join("=") })
}

const balance = Command.make("balance", {
  json: json("Print one JSON object"),
  min: Flag.Finite("min").pipe(
    Flag.withDescription("Exit with 4 when fewer credits are left than this"),
    Flag.withMetavar("<credits>"),
    Flag.optional
  ),
  apiKeyFile,
  verbose
}, (flags) => Effect.flatMap(Effect.promise(() => import("./balance.ts")), ({ run }) => run(flags))).pipe(
  Command.withDescription("Read how many credits are left"),
  Command.withExamples([
    { command: "pollo-credits balance", description: "One line" },
    { command: "pollo-credits balance --json | jq .availableCredits", description: "One figure" },
    { command: "pollo-credits balance --min 500 || notify", description: "In a cron job" }
  ])
)

const watch = Command.make("watch", {
  every: Flag.String("every").pipe(
    Flag.withDescription(`Time between two readings, ${durationForms} (default: 1m)`),
    Flag.withMetavar("<duration>"),
    Flag.filterMap(positiveDuration, () => `${expected["every"]}`),
    Flag.withDefault(Duration.minutes(1))
  ),
  low: Flag.Finite("low").pipe(
    Flag.withDescription("Tell when this many credits are left, or fewer"),
    Flag.withMetavar("<credits>"),
    Flag.optional
  ),
  recover: Flag.Finite("recover").pipe(
    Flag.withDescription("After that, tell again only once at least this many credits were left (default: --low)"),
    Flag.withMetavar("<credits>"),
    Flag.optional
  ),
  exec: Flag.String("exec").pipe(
    Flag.withDescription("When low, run this without a shell, with the event as JSON on its standard input"),
    Flag.withMetavar("<command>"),
    Flag.optional
  ),
  webhook: Flag.String("webhook").pipe(
    Flag.withDescription("When low, POST the event as JSON to this https URL"),
    Flag.withMetavar("<url>"),
    Flag.optional
  ),
  json: json("Print events, one JSON object a line"),
  apiKeyFile,
  verbose
}, (flags) => Effect.flatMap(Effect.promise(() => import("./watch/watch.ts")), ({ run }) => run(flags))).pipe(
  Command.withDescription("Follow the balance, its burn rate and how long it lasts, until Ctrl-C"),
  Command.withExamples([
    { command: "pollo-credits watch --every 30s", description: "A live line in a terminal" },
    { command: "pollo-credits watch --json >> credits.ndjson", description: "Keep a record" },
    {
      command: "pollo-credits watch --low 500 --exec \"mail -s low-credits ops@example.com\"",
      description: "An alert"
    },
    {
      command: "pollo-credits watch --low 500 --recover 2000 --webhook https://hooks.example.com/credits",
      description: "Another"
    }
  ])
)

const check = Command.make("check", {
  json: json("Print one JSON object"),
  allow: Flag.Literals("allow", allDifferenceNames).pipe(
    Flag.withDescription("A difference that is known and does not count; may be given again"),
    Flag.withMetavar("<difference>"),
    Flag.atLeast(0)
  ),
  strict: Flag.Boolean("strict").pipe(
    Flag.withDescription("Also count the envelope, which the live API sends and its description does not show"),
    Flag.withDefault(false)
  ),
  apiKeyFile,
  verbose
}, (flags) => Effect.flatMap(Effect.promise(() => import("./check/check.ts")), ({ run }) => run(flags))).pipe(
  Command.withDescription("Compare one answer of the API with its published description"),
  Command.withExamples([
    { command: "pollo-credits check", description: "What is different, how fast it was, which limits were sent" },
    { command: "pollo-credits check --json --allow extra_field", description: "In a nightly job" },
    { command: "pollo-credits check --strict", description: "To the letter of the published description" }
  ])
)

const port = (usual: number) =>
  Flag.Int("port").pipe(
    Flag.withDescription(`Port to listen on, 0 for any free one (default: ${usual})`),
    Flag.withSchema(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 65_535 })))
  )
const host = Flag.String("host").pipe(
  Flag.withDescription("IP address to listen on, or localhost (default: 127.0.0.1)"),
  Flag.filter((host) => host === "localhost" || isIP(host) !== 0, () => `${expected["host"]}`)
)

const budgetBooks = Command.make("budget").pipe(
  Command.withSharedFlags({
    redis: Flag.String("redis").pipe(
      Flag.withDescription("The Redis of the budget; REDIS_URL names it unseen by other users"),
      Flag.withMetavar("<url>"),
      Flag.optional
    ),
    account: Flag.String("account").pipe(
      Flag.withDescription("The account, as the programs name it (default: the key in POLLO_API_KEY)"),
      Flag.withMetavar("<name>"),
      Flag.optional
    ),
    prefix: Flag.String("prefix").pipe(
      Flag.withDescription("What the names of its keys begin with, where the programs have a prefix"),
      Flag.withMetavar("<text>"),
      Flag.optional
    ),
    json: json("Print one JSON object")
  })
)

const free = Command.make("free", {
  id: Argument.String("id").pipe(Argument.withDescription("The id of a hold, as the table has it")),
  yes: Flag.Boolean("yes").pipe(Flag.withDescription("Free it without a question"), Flag.withDefault(false))
}, (flags) =>
  Effect.gen(function*() {
    const books = yield* budgetBooks
    const { run } = yield* Effect.promise(() => import("./budget/free.ts"))
    yield* run({ ...books, ...flags })
  })).pipe(
    Command.withDescription("Give back the credits of one hold, after a question"),
    Command.withExamples([
      { command: "pollo-credits budget free 3f9a.7 --account production", description: "Asks first" },
      { command: "pollo-credits budget free 3f9a.7 --account production --yes", description: "In a script" }
    ])
  )

const budget = budgetBooks.pipe(
  Command.withHandler((flags) =>
    Effect.flatMap(Effect.promise(() => import("./budget/budget.ts")), ({ run }) => run(flags))
  ),
  Command.withDescription("Show what a budget on Redis holds: for whom, since when, in which phase"),
  Command.withExamples([
    { command: "pollo-credits budget --redis redis://127.0.0.1:6379 --account production", description: "A table" },
    { command: "pollo-credits budget --account production --json | jq '.holds[].id'", description: "With REDIS_URL" }
  ]),
  Command.withSubcommands([free])
)

const exporter = Command.make("exporter", {
  port: port(9464).pipe(Flag.withDefault(9464)),
  host: host.pipe(Flag.withDefault("127.0.0.1")),
  timeToLive: Flag.String("time-to-live").pipe(
    Flag.withDescription(`How long a reading is used before the vendor is asked again, ${durationForms} (default: 1m)`),
    Flag.withMetavar("<duration>"),
    Flag.filterMap(positiveDuration, () => `${expected["time-to-live"]}`),
    Flag.withDefault(Duration.minutes(1))
  ),
  accounts: Flag.String("account").pipe(
    Flag.withDescription("An account by a name of your choice, and the file with its key; may be given again"),
    Flag.withMetavar("<name>=<file>"),
    Flag.filterMap(namedFile, () => `${expected["account"]}`),
    Flag.atLeast(0)
  ),
  apiKeyFile
}, (flags) => Effect.flatMap(Effect.promise(() => import("./exporter/exporter.ts")), ({ run }) => run(flags))).pipe(
  Command.withDescription("Serve the balance, its burn rate and how long it lasts to Prometheus"),
  Command.withExamples([
    { command: "pollo-credits exporter", description: "At http://127.0.0.1:9464/metrics" },
    {
      command: "pollo-credits exporter --account team-a=/run/secrets/a --account team-b=/run/secrets/b",
      description: "Several keys, told apart by the label account"
    }
  ])
)

const mock = Command.make("mock", {
  port: Flag.optional(port(4010)),
  host: Flag.optional(host)
}, (flags) => Effect.flatMap(Effect.promise(() => import("./mock.ts")), ({ run }) => run(flags))).pipe(
  Command.withDescription("Start the mock server, when @effect-pollo/mock-server is installed"),
  Command.withExamples([
    { command: "pollo-credits mock --port 0", description: "On any free port; prints the variables to set" }
  ])
)

/**
 * Never runs, because `help watch` becomes `watch --help` before the command line is parsed. It only makes `help`
 * appear in the list of commands.
 */
const help = Command.make("help").pipe(
  Command.withDescription("Show this help, or that of a command"),
  Command.withExamples([
    { command: "pollo-credits help watch", description: "The same as watch --help" }
  ])
)

const commands = [balance, watch, check, exporter, budget, mock, help] as const

/** Turns `help watch` into `watch --help`. */
export const withHelpCommand = (args: ReadonlyArray<string>): ReadonlyArray<string> => {
  const [first, second, ...rest] = args
  if (first !== "help") return args
  if (second === undefined) return ["--help"]
  // An unknown command gets the same answer as without `help`.
  return commands.some(({ name }) => name === second) ? [second, ...rest, "--help"] : [second]
}

export const root = Command.make("pollo-credits").pipe(
  Command.withDescription("Read, watch and check a prepaid Pollo AI credit balance"),
  Command.withExamples([
    { command: "pollo-credits balance", description: "How many credits are left" },
    { command: "pollo-credits balance --min 500 || notify", description: "In a cron job" },
    { command: "pollo-credits watch --every 30s", description: "A live line in a terminal" },
    { command: "pollo-credits check --json", description: "Whether the API still keeps to its description" }
  ]),
  Command.withSubcommands(commands)
)
