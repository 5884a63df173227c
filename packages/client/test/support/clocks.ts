/** A clock whose two hands can be moved apart, as those of a machine that is suspended or whose time is put right. */
import { Clock, Effect } from "effect"

/** Runs with the test's clock. `step` moves the wall clock alone, by that many milliseconds, forward or back. */
export const withWallClock = <A, E, R>(
  use: (step: (millis: number) => Effect.Effect<void>) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  Clock.clockWith((clock) => {
    let ahead = 0
    // Everything else is the test clock's own, `TestClock.adjust` included.
    const stepped: Clock.Clock = Object.create(clock, {
      currentTimeMillisUnsafe: { value: () => clock.currentTimeMillisUnsafe() + ahead },
      currentTimeMillis: { value: Effect.sync(() => clock.currentTimeMillisUnsafe() + ahead) }
    })
    const step = (millis: number) =>
      Effect.sync(() => {
        ahead += millis
      })
    return Effect.provideService(use(step), Clock.Clock, stepped)
  })
