import * as Duration from "effect/Duration"

/** The same duration in a form that has one in JSON: milliseconds beyond 2^53 are counted in nanoseconds there. */
export const encodable = (duration: Duration.Duration): Duration.Duration =>
  duration.value._tag === "Millis" && !Number.isSafeInteger(duration.value.millis)
    ? Duration.nanos(Duration.toNanosUnsafe(duration))
    : duration
