/** Durations as people write them. Pure. */
import { durationMillis } from "@effect-pollo/protocol"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

const effectForm = Schema.decodeUnknownOption(Schema.DurationFromString)

/**
 * Reads a duration as the client reads it in a variable: `30s`, `1h30m`, `500ms`; ISO 8601, `PT90S`; and effect's own
 * form, `30 seconds`.
 */
export const durationOf = (text: string): Option.Option<Duration.Duration> => {
  const millis = durationMillis(text)
  return millis === undefined ? effectForm(text.trim()) : Option.some(Duration.millis(millis))
}

/** Examples of the forms, for messages. */
export const durationForms = "such as 30s, 5m, 1h30m, PT90S or \"30 seconds\""
