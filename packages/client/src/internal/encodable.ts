import * as Duration from "effect/Duration"

/** The same duration in a form that JSON can hold: beyond 2^53 milliseconds, it is counted in nanoseconds. */
export const encodable = (duration: Duration.Duration): Duration.Duration =>
  duration.value._tag === "Millis" && !Number.isSafeInteger(duration.value.millis)
    ? Duration.nanos(Duration.toNanosUnsafe(duration))
    : duration
