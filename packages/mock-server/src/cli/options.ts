import { resolveListenOptions } from "../settings/listen-options.ts"
import { settingOptions } from "../settings/options.ts"
import type { Flag, Kind } from "../settings/options.ts"

/** The defaults of the bin, beside those of the server. */
export const binDefaults = { port: 4010, graceMillis: 5000 }

const { host } = resolveListenOptions({})

/** In the order of the help. `--config`, `--help` and `--version` set no field, and so are not among them. */
export const flags: Readonly<Record<string, Flag>> = {
  port: { fields: { port: "number" }, value: "number", help: `port, 0 for any free one (${binDefaults.port})` },
  host: { fields: { host: "text" }, value: "address", help: `address to listen on (${host})` },
  ...Object.fromEntries(Object.values(settingOptions).flatMap((option) => Object.entries<Flag>(option.flags))),
  "admin-token": { fields: { adminToken: "text" }, value: "token", help: "bearer token that /__admin asks for (none)" },
  grace: {
    fields: { graceMillis: "millis" },
    value: "millis",
    help: `how long SIGTERM lets answers finish (${binDefaults.graceMillis})`
  },
  verbose: { fields: { verbose: "toggle" }, help: "print a line for each request" }
}

/** Everything that can be set, by its path in a config file, where the names are those of the options in code. */
export const fields: ReadonlyMap<string, Kind> = new Map(
  Object.values(flags).flatMap((flag) => Object.entries(flag.fields))
)

export const envName = (flag: string): string => `POLLO_MOCK_${flag.toUpperCase().replaceAll("-", "_")}`
