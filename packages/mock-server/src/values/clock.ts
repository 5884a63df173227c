import { maxTimerMillis } from "./checks.ts"

/** The time as one tenant sees it, in milliseconds. */
export interface Clock {
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Resolves after `millis` on this clock, or rejects with the signal's reason as soon as it aborts. */
  readonly sleep: (millis: number, signal: AbortSignal) => Promise<void>
}

/** The end of the year 9998: a year before HTTP runs out of dates. */
const lastMillis = Date.UTC(9999, 0) - 1

interface Sleeper {
  due: number
  timer: ReturnType<typeof setTimeout> | undefined
  readonly wake: () => void
}

/**
 * The clock of one key. It runs with the system's until it is frozen, and jumps when it is advanced. A sleeper
 * wakes as soon as its time has come on this clock, whether by itself or by a jump.
 */
export class TenantClock implements Clock {
  #offset = 0
  #frozenAt: number | undefined = undefined
  #sleepers: Set<Sleeper> | undefined = undefined

  get frozen(): boolean {
    return this.#frozenAt !== undefined
  }

  now(): number {
    return this.#frozenAt ?? Date.now() + this.#offset
  }

  /** Stops the clock where it is. */
  freeze(): void {
    this.#frozenAt ??= this.now()
    this.#rearm()
  }

  /** Jumps ahead, frozen or not; or stays, and returns `false`, when there is no date so far ahead. */
  advance(millis: number): boolean {
    if (this.now() + millis > lastMillis) return false
    if (this.#frozenAt === undefined) this.#offset += millis
    else this.#frozenAt += millis
    this.#rearm()
    return true
  }

  /** Lets the clock run on from where it stands. */
  resume(): void {
    if (this.#frozenAt === undefined) return
    this.#offset = this.#frozenAt - Date.now()
    this.#frozenAt = undefined
    this.#rearm()
  }

  /** Back to the system's time. Sleepers keep what they have left to sleep. */
  reset(): void {
    const before = this.now()
    this.#offset = 0
    this.#frozenAt = undefined
    const shift = this.now() - before
    for (const sleeper of this.#sleepers ?? []) sleeper.due += shift
    this.#rearm()
  }

  sleep(millis: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason)
        return
      }
      const sleepers = this.#sleepers ??= new Set()
      const onAbort = (): void => {
        clearTimeout(sleeper.timer)
        sleepers.delete(sleeper)
        reject(signal.reason)
      }
      const sleeper: Sleeper = {
        due: this.now() + millis,
        timer: undefined,
        wake: () => {
          clearTimeout(sleeper.timer)
          sleepers.delete(sleeper)
          signal.removeEventListener("abort", onAbort)
          resolve()
        }
      }
      signal.addEventListener("abort", onAbort, { once: true })
      sleepers.add(sleeper)
      this.#arm(sleeper)
    })
  }

  /** Wakes those whose time has come, the earliest first, and sets the timers of the others anew. */
  #rearm(): void {
    if (this.#sleepers === undefined || this.#sleepers.size === 0) return
    for (const sleeper of [...this.#sleepers].toSorted((a, b) => a.due - b.due)) this.#arm(sleeper)
  }

  #arm(sleeper: Sleeper): void {
    clearTimeout(sleeper.timer)
    const left = sleeper.due - this.now()
    if (left <= 0) sleeper.wake()
    // A timer may fire a little early, and holds no more than 24 days: when it fires, look again.
    else if (!this.frozen) sleeper.timer = setTimeout(() => this.#arm(sleeper), Math.min(left, maxTimerMillis))
  }
}
