/** What the balance endpoint reports. */
export interface Balance {
  readonly availableCredits: number
  readonly totalCredits: number
}

/** How a ledger opens. Credits have at most two decimals. */
export interface Opening extends Balance {
  /** Credits that are used up every minute while there are any. */
  readonly drainPerMinute?: number | undefined
  /** How long the balance that is read goes on as if a spend had not happened. */
  readonly lagMillis?: number | undefined
  /** When the credits that it opens with expire. Without it they never do. */
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
  /** The least that was ever available since the account was set. */
  readonly lowestCredits: number
  readonly drainPerMinute: number
  readonly lagMillis: number
  /** Grants and spends that are still to happen. */
  readonly scheduled: number
  /** Those of them that could not happen when their time came, and so changed nothing. */
  readonly refused: number
}

/** A balance at one moment. */
export interface BalancePoint {
  readonly at: number
  readonly availableCredits: number
}

/**
 * What became of a grant or a spend. `short`: the spend is beyond the balance. `full`: the balance, or the number of
 * things that a ledger keeps in mind, is at its limit. Neither changes anything.
 */
export type Outcome = "done" | "repeated" | "scheduled" | "short" | "full"

/** The largest amount, and balance, of credits: hundredths of it are still exact. */
export const maxCredits = 1e12

/** How many ids, expiring grants, scheduled movements and held-back spends one ledger keeps in mind, each. */
export const maxKept = 1000

/** How many points the history of a ledger holds. */
const maxPoints = 200

const millisPerMinute = 60_000

/** Sums of fractions drift by less than this. */
const drift = 1e-9

/** Whether a ledger can hold that amount: at most two decimals, and no more than {@link maxCredits} either way. */
export const isCredits = (value: number): boolean =>
  Math.abs(value) <= maxCredits && Math.round(value * 100) / 100 === value

const toHundredths = (credits: number): number => Math.round(credits * 100) + 0 // Never -0.
const toCredits = (hundredths: number): number => hundredths / 100

/** Credits that expire, in hundredths. */
interface Expiring {
  left: number
  readonly at: number
}

interface Scheduled {
  readonly at: number
  readonly run: () => void
}

/** Puts `item` behind all that come at the same time or earlier. */
const insertByTime = <Item extends { readonly at: number }>(items: Array<Item>, item: Item): void => {
  items.splice(items.findLastIndex(({ at }) => at <= item.at) + 1, 0, item)
}

/** The credits of one tenant, in whole hundredths. Every `now` is its clock's. */
export class Ledger {
  readonly #lagMillis: number
  readonly #drainPerMinute: number
  #available = 0
  #total: number
  #granted = 0
  #spent = 0
  #drained = 0
  #expired = 0
  #lowest: number
  #refused = 0
  #settledAt: number
  /** What has been drained of the next hundredth, in hundredths times milliseconds. */
  #draining = 0
  #expiring: Array<Expiring> | undefined = undefined
  #schedule: Array<Scheduled> | undefined = undefined
  #held: Array<{ readonly until: number; readonly credits: number }> | undefined = undefined
  #ids: Set<string> | undefined = undefined
  #history: Array<BalancePoint> | undefined = undefined
  #still: Balance | undefined = undefined

  constructor(opening: Opening, now: number) {
    this.#lagMillis = opening.lagMillis ?? 0
    this.#drainPerMinute = opening.drainPerMinute ?? 0
    this.#settledAt = now
    this.#total = toHundredths(opening.totalCredits)
    const credits = toHundredths(opening.availableCredits)
    this.#lowest = credits
    this.#receive(credits, now, opening.expiresInMillis)
  }

  /** What a reader is told. */
  reported(now: number): Balance {
    if (this.#still !== undefined) return this.#still
    this.#settle(now)
    const balance = {
      availableCredits: toCredits(this.#available + this.#heldBack(now)),
      totalCredits: toCredits(this.#total)
    }
    if (this.#isStill) this.#still = balance
    return balance
  }

  state(now: number): LedgerState {
    this.#settle(now)
    return {
      availableCredits: toCredits(this.#available),
      totalCredits: toCredits(this.#total),
      reportedCredits: toCredits(this.#available + this.#heldBack(now)),
      grantedCredits: toCredits(this.#granted),
      spentCredits: toCredits(this.#spent),
      drainedCredits: toCredits(this.#drained),
      expiredCredits: toCredits(this.#expired),
      lowestCredits: toCredits(this.#lowest),
      drainPerMinute: this.#drainPerMinute,
      lagMillis: this.#lagMillis,
      scheduled: this.#schedule?.length ?? 0,
      refused: this.#refused
    }
  }

  /** The balance before and after each of the last movements, and now. */
  history(now: number): ReadonlyArray<BalancePoint> {
    this.#settle(now)
    return [...this.#history ?? [], { at: now, availableCredits: toCredits(this.#available) }]
  }

  spend({ credits, id, inMillis = 0 }: Movement, now: number): Outcome {
    this.#settle(now)
    if (this.#known("spend", id)) return "repeated"
    const hundredths = toHundredths(credits)
    if (inMillis === 0 && hundredths > this.#available) return "short"
    return this.#enter("spend", id, now, inMillis, () => {
      const at = this.#settledAt
      if (hundredths > this.#available) this.#refused++
      else this.#move(at, () => this.#pay(hundredths, at))
    })
  }

  topUp({ credits, expiresInMillis, id, inMillis = 0 }: Grant, now: number): Outcome {
    this.#settle(now)
    if (this.#known("top-up", id)) return "repeated"
    const hundredths = toHundredths(credits)
    if (inMillis === 0 && !this.#hasRoom(hundredths)) return "full"
    if (expiresInMillis !== undefined && (this.#expiring?.length ?? 0) >= maxKept) return "full"
    return this.#enter("top-up", id, now, inMillis, () => {
      const at = this.#settledAt
      if (!this.#hasRoom(hundredths)) this.#refused++
      else {
        this.#move(at, () => {
          this.#total += hundredths
          this.#receive(hundredths, at, expiresInMillis)
        })
      }
    })
  }

  #hasRoom(hundredths: number): boolean {
    return Math.max(this.#total, this.#granted) + hundredths <= maxCredits * 100
  }

  /** Does it now, or puts it down for later. */
  #enter(kind: string, id: string | undefined, now: number, inMillis: number, run: () => void): Outcome {
    if (inMillis > 0) {
      const schedule = this.#schedule ??= []
      if (schedule.length >= maxKept) return "full"
      insertByTime(schedule, { at: now + inMillis, run })
    } else run()
    this.#still = undefined
    if (id !== undefined) {
      const ids = this.#ids ??= new Set()
      ids.add(`${kind} ${id}`)
      const [oldest = ""] = ids
      if (ids.size > maxKept) ids.delete(oldest)
    }
    return inMillis > 0 ? "scheduled" : "done"
  }

  #known(kind: string, id: string | undefined): boolean {
    return id !== undefined && this.#ids?.has(`${kind} ${id}`) === true
  }

  get #isStill(): boolean {
    return this.#drainPerMinute === 0 && !this.#expiring?.length && !this.#schedule?.length && !this.#held?.length
  }

  /** Brings the books up to `now`: what drained, expired and fell due meanwhile, in the order in which it happened. */
  #settle(now: number): void {
    for (;;) {
      const expiry = this.#expiring?.[0]
      const due = this.#schedule?.[0]
      const at = Math.min(expiry?.at ?? Infinity, due?.at ?? Infinity)
      if (at > now) break
      this.#drainUntil(at)
      if (expiry !== undefined && expiry.at === at) {
        this.#expiring?.shift()
        this.#move(at, () => {
          this.#available -= expiry.left
          this.#expired += expiry.left
        })
      } else {
        this.#schedule?.shift()
        due?.run()
      }
    }
    this.#drainUntil(now)
  }

  /** A drain takes what is there, and nothing from an empty account. */
  #drainUntil(at: number): void {
    const millis = at - this.#settledAt
    if (millis <= 0) return
    this.#settledAt = at
    if (this.#drainPerMinute === 0) return
    this.#draining += this.#drainPerMinute * 100 * millis
    const wanted = Math.floor(this.#draining / millisPerMinute + drift)
    const taken = Math.min(wanted, Math.max(0, this.#available))
    this.#draining = taken < wanted || this.#available <= 0 ? 0 : this.#draining - taken * millisPerMinute
    this.#drained += taken
    this.#take(taken)
  }

  /** What expires soonest goes first. */
  #take(hundredths: number): void {
    let owed = hundredths
    for (const grant of this.#expiring ?? []) {
      const part = Math.min(owed, grant.left)
      grant.left -= part
      owed -= part
    }
    this.#available -= hundredths
    this.#lowest = Math.min(this.#lowest, this.#available)
  }

  #pay(hundredths: number, now: number): void {
    this.#spent += hundredths
    this.#take(hundredths)
    if (this.#lagMillis === 0) return
    const held = this.#held ??= []
    held.push({ until: now + this.#lagMillis, credits: hundredths })
    const [first, second] = held
    // Two spends that share an end keep the number bounded.
    if (held.length > maxKept && first !== undefined && second !== undefined) {
      held.splice(0, 2, { until: second.until, credits: first.credits + second.credits })
    }
  }

  #receive(hundredths: number, now: number, expiresInMillis: number | undefined): void {
    this.#granted += hundredths
    this.#available += hundredths
    if (expiresInMillis !== undefined && hundredths > 0) {
      insertByTime(this.#expiring ??= [], { left: hundredths, at: now + expiresInMillis })
    }
  }

  #heldBack(now: number): number {
    const held = this.#held
    if (held === undefined) return 0
    while (held[0] !== undefined && held[0].until <= now) held.shift()
    return held.reduce((sum, { credits }) => sum + credits, 0)
  }

  /** Changes the balance, with the points of it before and after on record. */
  #move(at: number, change: () => void): void {
    const history = this.#history ??= []
    history.push({ at, availableCredits: toCredits(this.#available) })
    change()
    this.#lowest = Math.min(this.#lowest, this.#available)
    history.push({ at, availableCredits: toCredits(this.#available) })
    if (history.length > maxPoints) history.splice(0, history.length - maxPoints)
  }
}
