/** The books of a budget on Redis, for somebody who looks at them and spends nothing. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Redis from "effect/persistence/Redis"
import type * as Scope from "effect/Scope"
import type { BudgetStoreError } from "../../BudgetStoreError.ts"
import * as connection from "../redis/connection.ts"
import { orStoreError } from "../redis/failure.ts"
import type { BudgetKeys } from "../redis/keys.ts"
import type { Entry } from "./entry.ts"
import { freedFor } from "./holds.ts"
import type { Limit } from "./limits.ts"
import { unknown } from "./loss.ts"
import type * as operator from "./operator.ts"
import * as operatorScripts from "./operatorScripts.ts"
import type { Common } from "./prelude.ts"
import { named, reservedOf, standingsOf } from "./replies.ts"
import * as scripts from "./scripts.ts"
import { units } from "./units.ts"

/** How long to wait for an answer. */
const limit = Duration.seconds(1)

/** Runs a script with the arguments that every script gets. */
export type On = <Rest extends ReadonlyArray<unknown>, A extends scripts.Reply>(
  script: Redis.Script<{ params: [Common, ...Rest]; result: A }>
) => (...rest: Rest) => Effect.Effect<A, BudgetStoreError>

/** Neither names the books nor opens or closes them, and waits for no window. */
export const make = Effect.fnUntraced(function*(
  keys: BudgetKeys
): Effect.fn.Return<operator.Books, never, Redis.Redis | Scope.Scope> {
  const redis = yield* connection.make({ use: "budget", limit })
  const common: Common = {
    keys,
    fresh: "",
    waited: "",
    known: unknown,
    newBooks: "closed",
    lease: 0,
    lag: 0,
    closedFor: 0
  }
  return books((script) => {
    const run = redis.eval(script)
    return (...rest) => orStoreError(run(common, ...rest), script.lua)
  })
})

/** `limits` are the limits in the status. */
export const books = (on: On, limits: ReadonlyArray<Limit> = []): operator.Books => {
  const totals = on(scripts.totals)
  const list = on(operatorScripts.list)
  const free = on(operatorScripts.free)
  return {
    totals: Effect.map(totals(...named(limits)), ([, , , , available, reserved, waiting, reservations, standings]) => ({
      available: available === "" ? undefined : units(available),
      reserved: units(reserved),
      waiting: units(waiting),
      reservations,
      limits: standingsOf(limits, standings)
    })),
    holds: Effect.map(list(), ([, , , , time, all]) => all.flatMap((listed) => entry(listed, time))),
    free: (id) =>
      Effect.map(free(id, freedFor), ([, , , , reserved, byLabel, time, hold]) => ({
        entry: hold && entry(hold, time)[0],
        reserved: reservedOf(reserved, byLabel)
      }))
  }
}

const isPhase = (text: string | undefined): text is Entry["phase"] =>
  text === "waiting" || text === "active" || text === "spent" || text === "lost"

/** `time` is what makes the time of the books one of Redis's own clock. */
const entry = ([id, hold, tag]: operatorScripts.Listed, time: number): ReadonlyArray<Entry> => {
  const [phase, amount, , at] = hold.split(" ")
  const [, since, label] = /^(\d+) \d+ (.*)$/s.exec(tag ?? "") ?? []
  return isPhase(phase)
    ? [{
      id,
      phase,
      amount: units(Number(amount)),
      since: Number(since) || Number(at) + time,
      label: label || undefined
    }]
    : []
}
