import * as fc from "fast-check"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { parseCommand, unknownVariables, warningOf } from "../../src/cli/command.ts"
import type { Serve } from "../../src/cli/command.ts"
import { helpText } from "../../src/cli/help.ts"
import { envName, flags } from "../../src/cli/options.ts"
import { resolveSettings } from "../../src/settings/options.ts"

const directory = mkdtempSync(join(tmpdir(), "pollo-mock-"))
afterAll(() => rmSync(directory, { recursive: true }))

const configFile = (content: unknown, name = "pollo.json"): string => {
  const file = join(directory, name)
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content))
  return file
}

const served = (argv: ReadonlyArray<string>, env: Readonly<Record<string, string>> = {}): Serve => {
  const command = parseCommand(argv, env)
  return command.kind === "serve" ? command : expect.fail(JSON.stringify(command))
}

const refusal = (argv: ReadonlyArray<string>, env: Readonly<Record<string, string>> = {}): string => {
  const command = parseCommand(argv, env)
  return command.kind === "misuse" ? command.message : expect.fail(JSON.stringify(command))
}

/** For every flag, something that it takes, and what comes of it. */
const examples: Readonly<Record<string, readonly [written: string, outcome: object]>> = {
  port: ["1", { listen: { port: 1 } }],
  host: ["::1", { listen: { host: "::1" } }],
  balance: ["12.5", { server: { balance: { availableCredits: 12.5 } } }],
  total: ["99", { server: { balance: { availableCredits: 1000, totalCredits: 99 } } }],
  "retry-after": ["30", { server: { retryAfterSeconds: 30 } }],
  slow: ["5", { server: { slowMillis: 5 } }],
  limit: ["10/0.5/date", { server: { limit: { capacity: 10, refillPerSecond: 0.5, retryAfter: "date" } } }],
  seed: ["7", { server: { seed: 7 } }],
  "max-requests": ["50", { server: { maxRequests: 50 } }],
  "max-keys": ["60", { server: { maxKeys: 60 } }],
  profile: ["live", { server: { profile: "live" } }],
  "admin-token": ["s3cret", { server: { adminToken: "s3cret" } }],
  grace: ["100", { graceMillis: 100 }],
  verbose: ["true", { verbose: true }]
}

describe("the options", () => {
  it("have an example each, below", () => {
    expect(Object.keys(examples)).toEqual(Object.keys(flags))
  })

  it.each(Object.entries(examples))("--%s is a flag and a variable", (name, [written, outcome]) => {
    const asFlag = flags[name]?.value === undefined ? [`--${name}`] : [`--${name}`, written]
    expect(served(asFlag)).toMatchObject(outcome)
    expect(served([], { [envName(name)]: written })).toMatchObject(outcome)
  })

  it("are all those of the server", () => {
    const inFile = new Set(
      Object.values(flags).flatMap((flag) => Object.keys(flag.fields).map((field) => field.split(".")[0]))
    )
    for (const name of [...Object.keys(resolveSettings({})), "adminToken"]) expect(inFile).toContain(name)
  })

  it.each([
    ["2s", 2000],
    ["1h30m", 5_400_000],
    ["1h 30m", 5_400_000],
    ["500ms", 500],
    ["1.5s", 1500],
    ["1.005s", 1005],
    ["PT90S", 90_000],
    ["PT1H30M", 5_400_000],
    ["P1DT1S", 86_401_000],
    ["30 seconds", 30_000],
    ["1 minute 5 seconds", 65_000],
    ["250", 250]
  ])("take the time %s as a flag and as a variable", (text, millis) => {
    expect(served(["--slow", text]).server.slowMillis).toBe(millis)
    expect(served([], { POLLO_MOCK_GRACE: text }).graceMillis).toBe(millis)
    if (/[a-z]/i.test(text) && millis % 1000 === 0) {
      expect(served(["--retry-after", text]).server.retryAfterSeconds).toBe(millis / 1000)
    }
  })

  it.each(["5 parsecs", "1s2h", "1s1s", "2x", "P", "PT", "P1M", "-1s", "s", "1 s x", "constructor", "0.5s"])(
    "take no time from %j",
    (text) => {
      expect(refusal([`--retry-after=${text}`])).toMatch(/^--retry-after must be a whole number/)
    }
  )

  it("leave everything to its default when nothing is given", () => {
    const { accounts, graceMillis, listen, server, verbose } = served([])
    expect({ accounts, graceMillis, listen, verbose }).toEqual({
      accounts: [],
      graceMillis: 5000,
      listen: { port: 4010, host: undefined },
      verbose: false
    })
    expect(resolveSettings(server)).toEqual(resolveSettings({}))
  })

  it("count as a flag before a variable, and as a variable before the file", () => {
    const file = configFile({ port: 1, slowMillis: 1, seed: 1 })
    const { listen, server } = served(["--port", "3", "--config", file], { POLLO_MOCK_PORT: "2", POLLO_MOCK_SLOW: "2" })
    expect([listen.port, server.slowMillis, server.seed]).toEqual([3, 2, 1])
  })

  it("are not set by an empty variable", () => {
    expect(served([], { POLLO_MOCK_PORT: "", POLLO_MOCK_CONFIG: "" }).listen.port).toBe(4010)
  })

  it.each([
    [["--port", "65536"], {}, `--port must be a whole number from 0 to 65535, not 65536`],
    [["--port", "1e3"], {}, `--port must be a whole number from 0 to 65535, not "1e3"`],
    [["--port="], {}, `--port must be a whole number from 0 to 65535, not ""`],
    [["--host="], {}, `--host must be a host name or an IP address, not ""`],
    [["--port"], {}, "Option '--port <value>' argument missing"],
    [["--port", "-1"], {}, "Option '--port' argument is ambiguous: write --port=-1 for a negative number"],
    [
      ["--seed", "1", "--balance", "-5"],
      {},
      "Option '--balance' argument is ambiguous: write --balance=-5 for a negative number"
    ],
    [["--balance", "--verbose"], {}, "Option '--balance' argument is ambiguous"],
    [["--admin-token", "-5"], {}, "Option '--admin-token' argument is ambiguous"],
    [["--prot", "1"], {}, "Unknown option '--prot'"],
    [["surplus"], {}, "Unexpected argument 'surplus'"],
    [[], { POLLO_MOCK_PORT: "-1" }, "POLLO_MOCK_PORT must be a whole number from 0 to 65535, not -1"],
    [["--slow", "soon"], {}, `--slow must be a whole number from 0 to 2147483647, not "soon"`],
    [["--grace", "0.5"], {}, "--grace must be a whole number from 0 to 2147483647, not 0.5"],
    [
      ["--balance", "0.001"],
      {},
      "--balance must be a number with at most two decimals, within ±1000000000000, not 0.001"
    ],
    [["--limit", "10"], {}, `--limit must be n/rate, such as 10/2, not "10"`],
    [["--limit", "0/1"], {}, "--limit must be a whole number from 1 to 1000000, not 0"],
    [["--limit", "1/x"], {}, `--limit must be a number from 0 to 1000000, not "x"`],
    [["--limit", "1/1/soon"], {}, expect.stringMatching(/^--limit must be one of seconds, date, .+, not "soon"$/)],
    [[], { POLLO_MOCK_VERBOSE: "yes" }, `POLLO_MOCK_VERBOSE must be true or false, not "yes"`]
  ])("are refused in the words of the one who wrote %j %j", (argv, env, message) => {
    expect(refusal(argv, env)).toEqual(message)
  })

  it("may be negative after an equals sign", () => {
    expect(served(["--balance=-5"]).server.balance).toMatchObject({ availableCredits: -5 })
  })

  it("are read from the variables, and a variable that only looks like an option is reported", () => {
    const env = Object.fromEntries([...Object.keys(flags), "config"].map((name) => [envName(name), "1"]))
    expect(unknownVariables({ ...env, PATH: "/", POLLO_MOCK_EMPTY: "" })).toEqual([])
    expect(unknownVariables({ ...env, POLLO_MOCK_PROT: "1", POLLO_MOCK_HELP: "1", pollo_mock_x: "1" }))
      .toEqual(["POLLO_MOCK_PROT", "POLLO_MOCK_HELP"])
  })

  it("are refused without a word of the admin token", () => {
    expect(refusal(["--admin-token", "two words"])).toBe("--admin-token must be visible ASCII without white space")
    expect(refusal(["--config", configFile({ adminToken: ["hush"] })])).not.toContain("hush")
  })

  it("are served or refused, whatever is written", () => {
    fc.assert(fc.property(fc.constantFrom(...Object.keys(flags)), fc.string(), (name, written) => {
      const command = parseCommand([], { [envName(name)]: written })
      expect(["serve", "misuse"]).toContain(command.kind)
      if (command.kind === "misuse") expect(command.message).toContain(envName(name))
    }))
  })
})

describe("the config file", () => {
  it("holds the options by their names in code", () => {
    const file = configFile({
      $schema: "./pollo.schema.json",
      port: 0,
      host: "localhost",
      balance: { availableCredits: 5, totalCredits: 6 },
      retryAfterSeconds: 2,
      slowMillis: 3,
      limit: { capacity: 4, refillPerSecond: 1, retryAfter: "huge" },
      seed: 8,
      maxRequests: 9,
      maxKeys: 10,
      profile: "live",
      adminToken: "t",
      graceMillis: 11,
      verbose: true,
      accounts: { "team a": { availableCredits: 7, steps: ["503", "ok"] } }
    })
    expect(served([], { POLLO_MOCK_CONFIG: file })).toEqual({
      kind: "serve",
      listen: { port: 0, host: "localhost" },
      server: {
        balance: { availableCredits: 5, totalCredits: 6 },
        retryAfterSeconds: 2,
        slowMillis: 3,
        limit: { capacity: 4, refillPerSecond: 1, retryAfter: "huge" },
        seed: 8,
        maxRequests: 9,
        maxKeys: 10,
        profile: "live",
        adminToken: "t"
      },
      graceMillis: 11,
      verbose: true,
      accounts: [{
        key: "team a",
        source: `${file}: accounts["team a"]`,
        settings: { availableCredits: 7, steps: ["503", "ok"] }
      }]
    })
  })

  it.each([
    [{ prot: 1 }, "prot is no option. Known here are port, host, balance, retryAfterSeconds,"],
    [{ balance: { available: 1 } }, "balance.available is no option. Known here are availableCredits, totalCredits"],
    [{ balance: 5 }, "balance must be an object with availableCredits, totalCredits"],
    [{ balance: { availableCredits: "lots" } }, "balance.availableCredits must be a number with at most two decimals"],
    [{ limit: { capacity: 1 } }, "limit.refillPerSecond must be a number from 0 to 1000000"],
    [{ limit: { capacity: 1, refillPerSecond: 1, retryAfter: 5 } }, "limit.retryAfter must be one of seconds, date"],
    [{ port: "4010" }, `port must be a whole number from 0 to 65535, not "4010"`],
    [{ host: ["a"] }, `host must be a host name or an IP address, not ["a"]`],
    [{ verbose: 1 }, "verbose must be true or false, not 1"],
    [{ graceMillis: -1 }, "graceMillis must be a whole number from 0 to 2147483647, not -1"],
    [{ accounts: [] }, "accounts must be an object"],
    [{ accounts: { k: 5 } }, `accounts["k"] must be an object`],
    [[], "it must be a JSON object"],
    [`{"__proto__": {"port": 1}}`, "__proto__ is no option"],
    ["{\"port\": 1,}", "it is not JSON: "]
  ])("is refused with the path of the field: %j", (content, message) => {
    const file = configFile(content)
    expect(refusal(["--config", file])).toContain(`${file}: ${message}`)
  })

  it("is refused when it is not there", () => {
    const file = join(directory, "nowhere.json")
    expect(refusal(["--config", file])).toBe(`${file}: there is no such file`)
  })

  it("is refused when it is a directory", () => {
    expect(refusal(["--config", directory])).toBe(`${directory}: it is a directory, not a file`)
  })

  it.each([["utf-8", "\uFEFF"], ["utf16le", "\uFEFF"]] as const)(
    "may be %s with a byte order mark",
    (encoding, mark) => {
      const file = join(directory, "bom.json")
      writeFileSync(file, `${mark}{"port":7}`, encoding)
      expect(served(["--config", file]).listen.port).toBe(7)
    }
  )

  it("may have no limit, as in code", () => {
    const file = configFile({ limit: null })
    expect(served(["--config", file]).server.limit).toBe(undefined)
    expect(served(["--config", file, "--limit", "3/1"]).server.limit).toMatchObject({ capacity: 3 })
  })

  it("must be named", () => {
    expect(refusal(["--config="])).toBe(`--config must be the path of a file, not ""`)
    expect(refusal(["--config", ""])).toBe(`--config must be the path of a file, not ""`)
  })

  it("must leave room for its accounts", () => {
    const file = configFile({ accounts: { a: {}, b: {}, c: {} } })
    expect(refusal(["--config", file, "--max-keys", "2"])).toMatch(/^--max-keys must be at least 3, .*, not 2$/)
    const small = configFile({ maxKeys: 2, accounts: { a: {}, b: {}, c: {} } }, "small.json")
    expect(refusal(["--config", small])).toContain(`${small}: maxKeys must be at least 3`)
  })

  it("is read or refused, whatever JSON it holds", () => {
    const json = fc.oneof(
      fc.jsonValue(),
      fc.record({ port: fc.jsonValue(), balance: fc.jsonValue(), accounts: fc.jsonValue() }, { requiredKeys: [] })
    )
    fc.assert(fc.property(json, (content) => {
      const file = configFile(content, "any.json")
      const command = parseCommand(["--config", file], {})
      if (command.kind === "misuse") expect(command.message).toContain(file)
    }))
  })
})

describe("a host that other machines reach", () => {
  it.each(["127.0.0.1", "127.8.8.8", "localhost", "::1"])("is not %s", (host) => {
    expect(warningOf(served(["--host", host]))).toBe(undefined)
  })

  it("switches the admin API off, or asks for its token, and is warned of", () => {
    expect(warningOf(served(["--host", "0.0.0.0"]))).toContain("the admin API is off; --admin-token switches it on")
    expect(warningOf(served(["--host", "0.0.0.0", "--admin-token", "t"]))).toContain("the admin API asks for its token")
  })
})

describe("the help", () => {
  const lines = helpText().split("\n")

  it("fits a screen", () => {
    expect(lines.length).toBeLessThanOrEqual(23) // And the line of the next prompt.
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80)
  })

  it("names every flag, its default and the variables", () => {
    for (const name of [...Object.keys(flags), "config", "help", "version"]) expect(helpText()).toContain(`--${name}`)
    const { balance, maxKeys, maxRequests, seed, slowMillis } = resolveSettings({})
    for (const value of [4010, "127.0.0.1", balance.availableCredits, slowMillis, seed, maxRequests, maxKeys, 5000]) {
      expect(helpText()).toContain(`(${value})`)
    }
    expect(helpText()).toContain("POLLO_MOCK_MAX_REQUESTS")
  })
})

it("the documentation lists every flag with its place in a config file", async () => {
  const document = await readFile(new URL("../../../../docs/mock/command-line.md", import.meta.url), "utf8")
  const rows = document.split("\n").filter((line) => line.startsWith("| `--"))
  expect(rows.map((row) => /^\| `--([a-z-]+)/.exec(row)?.[1])).toEqual([...Object.keys(flags), "config"])
  for (const [name, flag] of Object.entries(flags)) {
    const [first, ...others] = Object.keys(flag.fields)
    const row = rows.find((line) => line.startsWith(`| \`--${name}`))
    expect(row).toContain(others.length === 0 ? `\`${first}\`` : "`limit.{capacity,refillPerSecond,retryAfter}`")
  }
})
