import type { BalanceEvent } from "@effect-pollo/client/BalanceWatch"
import type * as Effect from "effect/Effect"

/** Puts a line before a person, on standard error. */
export type Notice = (line: string) => Effect.Effect<void>

/** Tells one alert. It never fails: what goes wrong becomes a notice. */
export type Tell = (event: BalanceEvent.Low) => Effect.Effect<void>
