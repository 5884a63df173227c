/** A client that is built from the environment. `options` say there what it must come to. */
import { balance, refusal, silence } from "../replies.ts"
import { type Behaviour, key, type Options, type Policy, type Reply, type Wants } from "../row.ts"

const row = (
  name: string,
  environment: Readonly<Record<string, string>>,
  wants: Wants,
  { options = {}, policy = {}, replies = [balance] }: {
    readonly options?: Options
    readonly policy?: Policy
    readonly replies?: ReadonlyArray<Reply>
  } = {}
): Behaviour => ({
  name,
  environment,
  replies,
  options: { baseUrl: "https://pollo.ai/api/platform", ...options },
  policy,
  wants
})

const found: Wants = { outcome: "Balance", requests: 1 }

const keyed = { POLLO_API_KEY: key }

const read: ReadonlyArray<Behaviour> = [
  row("POLLO_API_KEY is the key, and the vendor is asked", keyed, found),
  row("POLLO_BASE_URL is asked", { ...keyed, POLLO_BASE_URL: "http://127.0.0.1:4010/api/" }, found, {
    options: { baseUrl: "http://127.0.0.1:4010/api" }
  }),
  row("variables that nobody knows change nothing", { ...keyed, POLLO_TIMEOUT: "no", API_KEY: "no" }, found)
]

const timedOut = (phase: "attempt" | "deadline", timeout: number): Wants => ({
  outcome: "PolloTimeout",
  fields: { phase, timeout, attempts: 1 },
  requests: 1,
  waits: [timeout]
})

const durations: ReadonlyArray<readonly [text: string, millis: number]> = [
  ["3 seconds", 3_000],
  ["3s", 3_000],
  ["3000ms", 3_000],
  ["PT3S", 3_000],
  ["pt3s", 3_000],
  ["1.5s", 1_500],
  ["PT0.5S", 500],
  ["250 millis", 250]
]

const times: ReadonlyArray<Behaviour> = durations.flatMap(([text, millis]) => [
  row(`POLLO_DEADLINE may be ${text}`, { ...keyed, POLLO_DEADLINE: text }, timedOut("deadline", millis), {
    replies: [silence]
  }),
  row(`POLLO_ATTEMPT_TIMEOUT may be ${text}`, { ...keyed, POLLO_ATTEMPT_TIMEOUT: text }, timedOut("attempt", millis), {
    replies: [silence],
    policy: { maxRetries: 0 }
  })
])

const gaveUp = (attempts: number): Wants => ({
  outcome: "PolloServerError",
  fields: { attempts },
  requests: attempts
})

const policies: ReadonlyArray<Behaviour> = [
  ...[0, 1, 2].map((retries) =>
    row(
      `POLLO_MAX_RETRIES of ${retries} sends ${retries + 1} requests`,
      { ...keyed, POLLO_MAX_RETRIES: String(retries) },
      gaveUp(retries + 1),
      { replies: [refusal(503)] }
    )
  ),
  row("a variable wins over the same field in code", { ...keyed, POLLO_MAX_RETRIES: "1" }, gaveUp(2), {
    replies: [refusal(503)],
    policy: { maxRetries: 3 }
  }),
  row("a field in code counts where no variable is set", { ...keyed, POLLO_DEADLINE: "20s" }, gaveUp(2), {
    replies: [refusal(503)],
    policy: { maxRetries: 1, deadline: 1 }
  })
]

/** An empty address is left out: to Effect 4 an empty variable is one that is not set, to Effect 3 it is a text. */
const bad: ReadonlyArray<readonly [field: string, what: string, environment: Readonly<Record<string, string>>]> = [
  ["POLLO_API_KEY", "that is not set", {}],
  ["POLLO_API_KEY", "that is empty", { POLLO_API_KEY: "" }],
  ["POLLO_API_KEY", "with a space", { POLLO_API_KEY: "pollo_secret one" }],
  ["POLLO_API_KEY", "with a line break at its end", { POLLO_API_KEY: "pollo_secret\n" }],
  ["POLLO_BASE_URL", "that is a key", { ...keyed, POLLO_BASE_URL: key }],
  ["POLLO_BASE_URL", "in plain http", { ...keyed, POLLO_BASE_URL: `http://pollo.ai/${key}` }],
  ["POLLO_BASE_URL", "with a query", { ...keyed, POLLO_BASE_URL: `https://pollo.ai/?key=${key}` }],
  ...["0 seconds", "-5 seconds", "soon", key].flatMap((text) =>
    ["POLLO_DEADLINE", "POLLO_ATTEMPT_TIMEOUT"].map((name) =>
      [name, `of ${text === key ? "a key" : text}`, { ...keyed, [name]: text }] as const
    )
  ),
  ...["-1", "1.5", "many", "1e3", key].map((text) =>
    ["POLLO_MAX_RETRIES", `of ${text === key ? "a key" : text}`, { ...keyed, POLLO_MAX_RETRIES: text }] as const
  )
]

const mistakes: ReadonlyArray<Behaviour> = bad.map(([field, what, environment]) =>
  row(`a ${field} ${what} is refused by its name`, environment, {
    outcome: "PolloConfigError",
    fields: { field },
    requests: 0
  })
)

export const environment: ReadonlyArray<Behaviour> = [...read, ...times, ...policies, ...mistakes]
