import { PolloCredits } from "@effect-pollo/client"
import * as Console from "effect/Console"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { makeRecorder } from "./attempts.ts"
import { paintBar } from "./colour.ts"
import * as credits from "./credits.ts"
import { balanceLine, share } from "./figures.ts"
import { BalanceOutput } from "./outputs.ts"
import { writeLine } from "./print.ts"
import { BelowMinimum } from "./problems.ts"
import { reporting } from "./report.ts"

export interface BalanceFlags extends credits.Access {
  readonly json: boolean
  readonly min: Option.Option<number>
  readonly verbose: boolean
}

const toJson = Schema.encodeSync(Schema.fromJsonString(BalanceOutput))

export const run = (flags: BalanceFlags) => {
  const recorder = makeRecorder()
  const detail = flags.verbose ? recorder.take : Effect.undefined
  return read(flags).pipe(
    Effect.provide(credits.layer(flags, { transformClient: recorder.transformClient })),
    Effect.tap(Effect.flatMap(detail, (line) => line === undefined ? Effect.void : Console.error(line))),
    reporting(detail)
  )
}

const read = Effect.fnUntraced(function*({ json, min }: BalanceFlags) {
  const { availableCredits, totalCredits } = yield* PolloCredits.getBalance
  const least = Option.getOrNull(min)
  const belowMin = least !== null && availableCredits < least
  yield* writeLine(
    json
      ? toJson({
        availableCredits,
        totalCredits,
        share: share(availableCredits, totalCredits) ?? null,
        observedAt: yield* DateTime.now,
        min: least,
        belowMin
      })
      : (yield* paintBar)(balanceLine(availableCredits, totalCredits), availableCredits, totalCredits)
  )
  if (belowMin) return yield* new BelowMinimum({ availableCredits, min: least })
})
