/**
 * The linter. Its part that is the project's own: a folder is a floor, and a module imports only from floors below it.
 */
import { readdirSync } from "node:fs"
import { join } from "node:path"
import { defineConfig } from "oxlint"

interface Restriction {
  readonly regex: string
  readonly message: string
}

const restrict = (files: ReadonlyArray<string>, ...patterns: ReadonlyArray<Restriction>) => ({
  files: [...files],
  rules: { "no-restricted-imports": ["error", { patterns: [...patterns] }] as ["error", object] }
})

/** A folder, or a module beside the folders. */
type Room = string

/** The rooms of a package from the lowest floor to the highest. Rooms of one floor do not import each other. */
type Floors = ReadonlyArray<ReadonlyArray<Room>>

const isModule = (room: Room): boolean => room.endsWith(".ts")

/** What an import of `room` looks like: a module reaches it from its own folder, a folder only by going up. */
const importsOf = (rooms: ReadonlyArray<Room>, from: Room): string => {
  const targets = rooms.map((room) =>
    room.replace(/^internal\//, "(internal/)?").replace(".ts", "\\.ts$") + (isModule(room) ? "" : "/")
  )
  return `^${isModule(from) ? "\\.{1,2}/" : "(\\.\\./)+"}(${targets.join("|")})`
}

/** One override for each room; a later override replaces an earlier one, so each repeats what holds for all. */
const floors = (src: string, order: Floors, ...everywhere: ReadonlyArray<Restriction>) => {
  const placed = new Set(order.flat())
  for (const module of readdirSync(join(import.meta.dirname, src)).filter(isModule)) {
    if (!placed.has(module)) throw new Error(`${src}/${module} stands on no floor: give it one in oxlint.config.ts`)
  }
  return order.flatMap((rooms, floor) =>
    rooms.map((room) => {
      const above = [...rooms, ...order.slice(floor + 1).flat()].filter((other) => other !== room)
      const down = { regex: importsOf(above, room), message: "A module imports only from floors below its own." }
      return restrict(
        [isModule(room) ? `${src}/${room}` : `${src}/${room}/**`],
        ...everywhere,
        ...above.length > 0 ? [down] : []
      )
    })
  )
}

const barrels = {
  regex: "^(effect|effect/(cli|http|persistence|testing|observability)|@effect/platform|@effect/platform-node)$",
  message: "Import the module itself: the barrel triples start-up and bundle size."
}

const everyRuntime = {
  regex:
    "^(node:|bun:|(assert|buffer|child_process|crypto|events|fs|http|https|net|os|path|process|stream|tls|url|util|zlib)(/|$))",
  message: "The client runs wherever fetch does."
}

const effectAlone = {
  regex: "^(@effect-pollo/[^p]|@effect/|hono(/|$))|/(protocol|mock-server|cli|examples)/src/",
  message: "The client depends on effect and on the rules of the protocol alone."
}

export default defineConfig({
  plugins: ["typescript", "import", "unicorn", "oxc", "promise"],
  categories: { correctness: "error", suspicious: "error", perf: "error" },
  rules: {
    "typescript/no-explicit-any": "error",
    "typescript/no-non-null-assertion": "error",
    "typescript/ban-ts-comment": "error",
    "typescript/consistent-type-imports": "error",
    "import/no-cycle": ["error", { ignoreTypes: false }],
    // Effect marks variants with `_tag`, and version 3 those of its configuration errors with `_op`.
    "eslint/no-underscore-dangle": ["error", { allow: ["_tag", "_id", "_op"] }],
    // Retries, faults and scripts are sequences: each step waits for the one before.
    "eslint/no-await-in-loop": "off",
    // A class that is both a tag and a type carries a namespace of option types.
    "typescript/no-namespace": ["error", { allowDeclarations: true }],
    // An example that is a test file registers its tests by being imported, and a style sheet its rules.
    "import/no-unassigned-import": ["error", { allow: ["../src/*.ts", "./style.css"] }],
    // A helper reads best beside its only use.
    "unicorn/consistent-function-scoping": "off",
    // Effect's own names (`Array`, `Number`, `Error`) are namespaces by design.
    "eslint/no-shadow": "off"
  },
  overrides: [
    restrict(["packages/protocol/src/**"], {
      regex: "^([^.]|\\.\\.)",
      message: "Plain rules: they import nothing but each other."
    }),
    ...floors(
      "packages/client/src",
      [
        ["internal/encodable.ts", "internal/errorFields.ts"],
        [
          "CallPolicy.ts",
          "CreditBalance.ts",
          "PolloConfigError.ts",
          "PolloError.ts",
          "InsufficientCredits.ts",
          "BudgetStoreError.ts",
          "SpendLimitReached.ts"
        ],
        [
          "BalanceReading.ts",
          "BalanceEvent.ts",
          "BalanceForecast.ts",
          "CreditReservation.ts",
          "internal/options.ts",
          "internal/outage.ts"
        ],
        ["internal/call"],
        ["internal/client", "internal/redis"],
        ["internal/cache", "internal/watch", "internal/budget", "internal/testing"],
        ["RequestPolicy.ts"],
        ["PolloCredits.ts", "redis.ts"],
        ["BalanceCache.ts", "BalanceWatch.ts", "CreditBudget.ts", "testing.ts"],
        ["BalanceCacheRedis.ts", "CreditBudgetRedis.ts"],
        ["index.ts", "undici.ts"]
      ],
      barrels,
      everyRuntime,
      effectAlone
    ),
    restrict(["packages/client/src/internal/undici/**"], barrels, everyRuntime, {
      regex: "^@effect|^\\.\\./",
      message: "This transport needs undici and modules of effect."
    }),
    ...floors(
      "packages/client-effect3/src",
      [
        ["CallPolicy.ts", "CreditBalance.ts", "PolloConfigError.ts", "PolloError.ts"],
        ["internal"],
        ["RequestPolicy.ts"],
        ["PolloCredits.ts"],
        ["index.ts"]
      ],
      barrels,
      everyRuntime,
      {
        regex: "^(@effect-pollo/[^p]|@effect/([^p]|platform-)|hono(/|$))|/(protocol|mock-server|examples)/src/",
        message: "This client depends on effect 3, its platform and the rules of the protocol alone."
      }
    ),
    restrict(["packages/behaviour/src/**"], {
      regex: "^(effect|@effect/.*|@effect-pollo/.*)$",
      message: "The table is plain data: it knows no client, and no rule that a client follows."
    }),
    ...floors(
      "packages/mock-server/src",
      [
        ["values"],
        ["settings"],
        ["faults"],
        ["steps"],
        ["tenant"],
        ["journal"],
        ["vendor"],
        ["transport"],
        ["admin"],
        ["app.ts"],
        ["mock-server.ts"],
        ["cli"],
        ["effect.ts", "vitest.ts", "bin.ts"],
        ["index.ts"]
      ],
      { regex: "^(@effect|effect)(/|$)", message: "The server is for everyone, not for Effect programs alone." },
      {
        regex: "^@effect-pollo/|/(client|cli|examples)/src/",
        message: "A server that shares the client's code proves only that it agrees with itself."
      }
    ),
    restrict(["packages/mock-server/src/effect.ts"], barrels, {
      regex: "^@effect",
      message: "effect is the only peer of this module."
    }),
    ...floors(
      "packages/cli/src",
      [
        ["values"],
        ["output"],
        ["api"],
        ["check", "watch", "exporter", "budget"],
        ["balance.ts", "mock.ts"],
        ["mistakes.ts"],
        ["commands.ts"],
        ["main.ts"],
        ["index.ts", "bin.ts"]
      ],
      barrels,
      { regex: "/(client|mock-server|examples)/src/", message: "Import the public entry points." }
    ),
    restrict(["packages/examples/src/**"], {
      regex: "^\\.\\./|^@effect-pollo/[^/]+/(src|internal|dist)/",
      message: "Examples show the public entry points."
    })
  ],
  ignorePatterns: ["**/dist/**", "**/node_modules/**"]
})
