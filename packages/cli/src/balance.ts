import { PolloCredits } from "@effect-pollo/client"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { paintBar } from "./output/colour.ts"
import { balanceLine, share } from "./values/figures.ts"
import { BalanceOutput } from "./output/outputs.ts"
import { writeThen } from "./output/report.ts"
import { BelowMinimum } from "./values/problems.ts"
import { session, type SessionFlags } from "./api/session.ts"

export interface BalanceFlags extends SessionFlags {
  readonly json: boolean
  readonly min: Option.Option<number>
}

const toJson = Schema.encodeSync(Schema.fromJsonString(BalanceOutput))

export const run = (flags: BalanceFlags) => session(flags, () => read(flags))

const read = Effect.fnUntraced(function*({ json, min }: BalanceFlags) {
  const { availableCredits, totalCredits } = yield* PolloCredits.getBalance
  const least = Option.getOrNull(min)
  const belowMin = least !== null && availableCredits < least
  const line = json
    ? toJson({
      availableCredits,
      totalCredits,
      share: share(availableCredits, totalCredits) ?? null,
      observedAt: yield* DateTime.now,
      min: least,
      belowMin
    })
    : (yield* paintBar)(balanceLine(availableCredits, totalCredits), availableCredits, totalCredits)
  yield* writeThen(
    `${line}\n`,
    belowMin ? Effect.fail(new BelowMinimum({ availableCredits, min: least })) : Effect.void
  )
})
