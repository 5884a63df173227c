import type { BalanceEvent } from "@effect-pollo/client/BalanceWatch"
import type * as Effect from "effect/Effect"

/** Writes a line for a person to standard error. */
export type Notice = (line: string) => Effect.Effect<void>

/** Delivers one alert. It never fails: an error becomes a notice. */
export type Tell = (event: BalanceEvent.Low) => Effect.Effect<void>
