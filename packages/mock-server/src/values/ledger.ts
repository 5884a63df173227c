import { Books, insertByTime } from "./books.ts"
import type { BalancePoint } from "./books.ts"
import { toCredits, toHundredths } from "./credits.ts"

/** What the balance endpoint reports. */
export interface Balance {
  readonly availableCredits: number
  readonly totalCredits: number
}

/** How a ledger opens. Credits have at most two decimals. */
export interface Opening extends Balance {
  /** Credits that are used up every minute while there are any. */
  readonly drainPerMinute?: number | undefined
  /** For how long the reported balance does not show a spend. */
  readonly lagMillis?: number | undefined
  /** When the credits that it opens with expire. Without it they never expire. */
  readonly expiresInMillis?: number | undefined
}

/** One grant or spend. */
export interface Movement {
  /** More than 0, with at most two decimals. */
  readonly credits: number
  /** The same id again changes nothing. Grants and spends have ids of their own. */
  readonly id?: string | undefined
  /** Lets it happen later, on the clock of the key. */
  readonly inMillis?: number | undefined
}

export interface Grant extends Movement {
  /** When what is left of the grant expires, counted from when it happens. */
  readonly expiresInMillis?: number | undefined
}

/**
 * The books at one moment. It always holds that `availableCredits` is `grantedCredits` less what was spent, drained and
 * expired, to the hundredth.
 */
export interface LedgerState extends Balance {
  /** What the balance endpoint reports, which lags behind `availableCredits` by the spends of the last `lagMillis`. */
  readonly reportedCredits: number
  readonly grantedCredits: number
  readonly spentCredits: number
  readonly drainedCredits: number
  readonly expiredCredits: number
  /** The lowest balance since the account was set. */
  readonly lowestCredits: number
  readonly drainPerMinute: number
  readonly lagMillis: number
  /** Grants and spends that are still to happen. */
  readonly scheduled: number
  /** Scheduled grants and spends that could not happen when their time came, and so changed nothing. */
  readonly refused: number
}

/**
 * What became of a grant or a spend. `short`: the spend is beyond the balance. `full`: the balance, or the number of
 * things that a ledger keeps in mind, is at its limit. Neither changes anything.
 */
export type Outcome = "done" | "repeated" | "scheduled" | "short" | "full"

/** How many ids, expiring grants, scheduled movements and held-back spends one ledger keeps in mind, each. */
export const maxKept = 1000

const millisPerMinute = 60_000

/** Sums of fractions drift by less than this. */
const drift = 1e-9

interface Scheduled {
  readonly at: number
  readonly run: (at: number) => void
}

/** A spend that the reported balance does not show yet. */
interface Held {
  readonly until: number
  readonly hundredths: number
}

/** The credits of one tenant. Every `now` is its clock's. */
export class Ledger {
  readonly #books: Books
  readonly #lagMillis: number
  readonly #drainPerMinute: number
  /** The time up to which the books are settled. */
  #settledAt: number
  /** The part of the drain that is still less than a hundredth of a credit, in hundredths times milliseconds. */
  #draining = 0
  #refused = 0
  #schedule: Array<Scheduled> | undefined = undefined
  #held: Array<Held> | undefined = undefined
  #ids: Set<string> | undefined = undefined
  /** The reported balance, kept until something may change it. */
  #still: Balance | undefined = undefined

  constructor(opening: Opening, now: number) {
    const { availableCredits, drainPerMinute = 0, expiresInMillis, lagMillis = 0, totalCredits } = opening
    this.#books = new Books(
      toHundredths(availableCredits),
      toHundredths(totalCredits),
      expiresInMillis === undefined ? undefined : now + expiresInMillis
    )
    this.#drainPerMinute = drainPerMinute
    this.#lagMillis = lagMillis
    this.#settledAt = now
  }

  /** The balance that the endpoint reports. */
  reported(now: number): Balance {
    if (this.#still !== undefined) return this.#still
    this.#settle(now)
    const balance = {
      availableCredits: toCredits(this.#books.available + this.#heldBack(now)),
      totalCredits: toCredits(this.#books.total)
    }
    if (this.#isStill) this.#still = balance
    return balance
  }

  state(now: number): LedgerState {
    this.#settle(now)
    const books = this.#books
    return {
      availableCredits: toCredits(books.available),
      totalCredits: toCredits(books.total),
      reportedCredits: toCredits(books.available + this.#heldBack(now)),
      grantedCredits: toCredits(books.granted),
      spentCredits: toCredits(books.spent),
      drainedCredits: toCredits(books.drained),
      expiredCredits: toCredits(books.expired),
      lowestCredits: toCredits(books.lowest),
      drainPerMinute: this.#drainPerMinute,
      lagMillis: this.#lagMillis,
      scheduled: this.#schedule?.length ?? 0,
      refused: this.#refused
    }
  }

  /** The balance before and after each of the last hundred movements, and now. */
  history(now: number): ReadonlyArray<BalancePoint> {
    this.#settle(now)
    return [...this.#books.points, { at: now, availableCredits: toCredits(this.#books.available) }]
  }

  spend({ credits, id, inMillis = 0 }: Movement, now: number): Outcome {
    this.#settle(now)
    if (this.#isKnown("spend", id)) return "repeated"
    const hundredths = toHundredths(credits)
    const isShort = (): boolean => hundredths > this.#books.available
    if (inMillis === 0 && isShort()) return "short"
    return this.#enter("spend", id, now, inMillis, (at) => {
      if (isShort()) this.#refused++
      else {
        this.#books.spend(hundredths, at)
        this.#hold(hundredths, at)
      }
    })
  }

  topUp({ credits, expiresInMillis, id, inMillis = 0 }: Grant, now: number): Outcome {
    this.#settle(now)
    if (this.#isKnown("top-up", id)) return "repeated"
    const hundredths = toHundredths(credits)
    const hasRoom = (): boolean =>
      this.#books.hasRoomFor(hundredths) && (expiresInMillis === undefined || this.#books.expiring < maxKept)
    if (inMillis === 0 && !hasRoom()) return "full"
    return this.#enter("top-up", id, now, inMillis, (at) => {
      if (!hasRoom()) this.#refused++
      else this.#books.grant(hundredths, at, expiresInMillis === undefined ? undefined : at + expiresInMillis)
    })
  }

  /** Runs a movement now, or schedules it. */
  #enter(kind: string, id: string | undefined, now: number, inMillis: number, run: Scheduled["run"]): Outcome {
    if (inMillis === 0) run(now)
    else {
      const schedule = this.#schedule ??= []
      if (schedule.length >= maxKept) return "full"
      insertByTime(schedule, { at: now + inMillis, run })
    }
    this.#still = undefined
    if (id !== undefined) this.#remember(`${kind} ${id}`)
    return inMillis === 0 ? "done" : "scheduled"
  }

  #isKnown(kind: string, id: string | undefined): boolean {
    return id !== undefined && this.#ids?.has(`${kind} ${id}`) === true
  }

  #remember(id: string): void {
    const ids = this.#ids ??= new Set()
    ids.add(id)
    const [oldest = ""] = ids
    if (ids.size > maxKept) ids.delete(oldest)
  }

  get #isStill(): boolean {
    return this.#drainPerMinute === 0 && this.#books.expiring === 0 && !this.#schedule?.length && !this.#held?.length
  }

  /** Brings the books up to `now`: what drained, expired and fell due meanwhile, in the order in which it happened. */
  #settle(now: number): void {
    for (;;) {
      const expiry = this.#books.nextExpiry
      const due = this.#schedule?.[0]
      const at = Math.min(expiry, due?.at ?? Infinity)
      if (at > now) break
      this.#drainUntil(at)
      if (expiry === at) this.#books.expireNext(at)
      else {
        this.#schedule?.shift()
        due?.run(at)
      }
    }
    this.#drainUntil(now)
  }

  #drainUntil(at: number): void {
    const millis = at - this.#settledAt
    if (millis <= 0) return
    this.#settledAt = at
    if (this.#drainPerMinute === 0) return
    this.#draining += this.#drainPerMinute * 100 * millis
    const wanted = Math.floor(this.#draining / millisPerMinute + drift)
    const taken = this.#books.drain(wanted)
    // An empty account owes the drain nothing for later.
    this.#draining = this.#books.available <= 0 ? 0 : this.#draining - taken * millisPerMinute
  }

  #hold(hundredths: number, now: number): void {
    if (this.#lagMillis === 0) return
    const held = this.#held ??= []
    held.push({ until: now + this.#lagMillis, hundredths })
    const [first, second] = held
    if (held.length > maxKept && first !== undefined && second !== undefined) {
      held.splice(0, 2, { until: second.until, hundredths: first.hundredths + second.hundredths })
    }
  }

  #heldBack(now: number): number {
    const held = this.#held
    if (held === undefined) return 0
    while (held[0] !== undefined && held[0].until <= now) held.shift()
    return held.reduce((sum, { hundredths }) => sum + hundredths, 0)
  }
}
