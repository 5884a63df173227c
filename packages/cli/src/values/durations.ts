/** Durations as people write them. Pure. */
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

const units: ReadonlyMap<string, number> = new Map([
  ["ms", 1],
  ["s", 1000],
  ["m", 60_000],
  ["h", 3_600_000],
  ["d", 86_400_000]
])

const part = /(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)\s*/y

/** `30s`, `1h30m`, `1h 30m`, `500ms`: each unit once, from the largest down. */
const short = (text: string): Option.Option<Duration.Duration> => {
  let millis = 0
  let above = Number.POSITIVE_INFINITY
  part.lastIndex = 0
  while (part.lastIndex < text.length) {
    const [, figure, unit = ""] = part.exec(text) ?? []
    const size = units.get(unit)
    if (size === undefined || size >= above) return Option.none()
    millis += Number(figure) * size
    above = size
  }
  return text === "" ? Option.none() : Option.some(Duration.millis(millis))
}

const effectForm = Schema.decodeUnknownOption(Schema.DurationFromString)

/**
 * A duration in any of the forms that people know: `30s`, `1h30m`, `500ms`; ISO 8601, `PT1M30S`; and effect's own,
 * `30 seconds`.
 */
export const durationOf = (text: string): Option.Option<Duration.Duration> => {
  const trimmed = text.trim()
  return short(trimmed).pipe(
    Option.orElse(() => Duration.fromIso(trimmed.toUpperCase())),
    Option.orElse(() => effectForm(trimmed))
  )
}

/** The forms, as a message names them. */
export const durationForms = "such as 30s, 5m, 1h30m, PT90S or \"30 seconds\""
