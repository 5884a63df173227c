import { assert, describe, it } from "@effect/vitest"
import manifest from "../package.json" with { type: "json" }

/** The exported names of each entry point. A change here is a change of the public contract. */
const surface: Record<string, ReadonlyArray<string>> = {
  ".": [
    "CreditBalance",
    "PolloApiError",
    "PolloBadRequest",
    "PolloConfigError",
    "PolloCredits",
    "PolloError",
    "PolloForbidden",
    "PolloInvalidResponse",
    "PolloNotFound",
    "PolloRateLimited",
    "PolloServerError",
    "PolloTimeout",
    "PolloTransportError",
    "PolloUnauthorized",
    "RequestPolicy"
  ],
  "./BalanceCache": ["BalanceCache"],
  "./BalanceCacheRedis": ["BalanceCacheRedis"],
  "./BalanceWatch": ["BalanceEvent", "BalanceForecast", "BalanceWatch"],
  "./CreditBudget": ["BudgetStoreError", "CreditBudget", "InsufficientCredits", "SpendLimitReached"],
  "./CreditBudgetRedis": ["CreditBudgetRedis"],
  "./redis": ["layerCluster", "layerSentinel"],
  "./testing": ["PolloCreditsTest"],
  "./undici": ["layer"]
}

describe("the public surface", () => {
  it("is these entry points, and their like in the published package", () => {
    const open = Object.entries(manifest.exports).filter(([, target]) => target !== null).map(([path]) => path)
    assert.sameMembers(open, [...Object.keys(surface), "./package.json"])
    const built = Object.entries(manifest.exports).map(([path, target]) => [
      path,
      target?.replace("./src/", "./dist/").replace(/\.ts$/, ".js") ?? null
    ])
    assert.deepEqual(manifest.publishConfig.exports, Object.fromEntries(built))
  })

  it.each(Object.entries(surface))("%s exports these names", async (path, names) => {
    const specifier = path.replace(".", manifest.name)
    const entry: object = await import(specifier)
    assert.deepEqual(Object.keys(entry).toSorted(), names)
  })

  it("has no way into the internals", async () => {
    const path = "@effect-pollo/client/internal/call/attempt"
    const error = await import(path).then(() => undefined, (cause: unknown) => cause)
    assert.instanceOf(error, Error)
  })
})
