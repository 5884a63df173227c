import { resolveListenOptions } from "../settings/listen-options.ts"
import { resolveSettings } from "../settings/settings.ts"

/** Everything that can be set, by its path in a config file, where the names are those of the options in code. */
export const fields = {
  port: "number",
  host: "text",
  "balance.availableCredits": "number",
  "balance.totalCredits": "number",
  retryAfterSeconds: "number",
  slowMillis: "number",
  "limit.capacity": "number",
  "limit.refillPerSecond": "number",
  "limit.retryAfter": "text",
  seed: "number",
  maxRequests: "number",
  maxKeys: "number",
  adminToken: "text",
  graceMillis: "number",
  verbose: "toggle"
} as const

export type Field = keyof typeof fields

export type FieldOf<Type extends typeof fields[Field]> = {
  [F in Field]: typeof fields[F] extends Type ? F : never
}[Field]

/** What the bin does unless told, beside the defaults of the server. */
export const binDefaults = { port: 4010, graceMillis: 5000 }

/** A flag of the command line, which is also the environment variable of that name. */
export interface Flag {
  /** Several are written with a `/` between; the last of three may be left out. */
  readonly fields: readonly [Field, ...Array<Field>]
  /** What stands for the value in the help; a switch takes none. */
  readonly value?: string
  readonly help: string
}

const server = resolveSettings({})
const { host } = resolveListenOptions({})

/** In the order of the help. `--config`, `--help` and `--version` set no field, and so are not among them. */
export const flags: Readonly<Record<string, Flag>> = {
  port: { fields: ["port"], value: "number", help: `port, 0 for any free one (${binDefaults.port})` },
  host: { fields: ["host"], value: "address", help: `address to listen on (${host})` },
  balance: {
    fields: ["balance.availableCredits"],
    value: "credits",
    help: `credits of a new key (${server.balance.availableCredits})`
  },
  total: { fields: ["balance.totalCredits"], value: "credits", help: "its totalCredits (as --balance)" },
  "retry-after": {
    fields: ["retryAfterSeconds"],
    value: "seconds",
    help: `Retry-After of rate_limited and 503 (${server.retryAfterSeconds})`
  },
  slow: { fields: ["slowMillis"], value: "millis", help: `how long the step slow waits (${server.slowMillis})` },
  limit: {
    fields: ["limit.capacity", "limit.refillPerSecond", "limit.retryAfter"],
    value: "n/rate",
    help: "a key's requests at once / a second after (none)"
  },
  seed: { fields: ["seed"], value: "number", help: `what random faults follow from (${server.seed})` },
  "max-requests": {
    fields: ["maxRequests"],
    value: "number",
    help: `requests that the journal holds (${server.maxRequests})`
  },
  "max-keys": { fields: ["maxKeys"], value: "number", help: `keys that are remembered (${server.maxKeys})` },
  "admin-token": { fields: ["adminToken"], value: "token", help: "bearer token that /__admin asks for (none)" },
  grace: {
    fields: ["graceMillis"],
    value: "millis",
    help: `how long SIGTERM lets answers finish (${binDefaults.graceMillis})`
  },
  verbose: { fields: ["verbose"], help: "print a line for each request" }
}

export const envName = (flag: string): string => `POLLO_MOCK_${flag.toUpperCase().replaceAll("-", "_")}`
