import type * as Effect from "effect/Effect"

/** Puts a line before a person, on standard error. */
export type Notice = (line: string) => Effect.Effect<void>

/** Tells one alert, given as a line of JSON. It never fails: what goes wrong becomes a notice. */
export type Tell = (json: string) => Effect.Effect<void>
