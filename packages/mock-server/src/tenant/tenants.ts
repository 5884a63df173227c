import { TenantClock } from "../values/clock.ts"
import { checkRoom } from "../settings/account-options.ts"
import { asksForSteps, planOfKey, planOfSteps } from "../steps/key-grammar.ts"
import { InvalidAccountError } from "../values/errors.ts"
import { Ledger } from "../values/ledger.ts"
import type { Balance, Opening } from "../values/ledger.ts"
import { TokenBucket } from "../values/limiter.ts"
import type { Limit } from "../values/limiter.ts"
import { Activity } from "./activity.ts"
import { PlanCursor } from "../steps/plan.ts"
import type { Plan, PlanStep } from "../steps/plan.ts"
import { seededRandom } from "../values/random.ts"
import type { Random } from "../values/random.ts"
import { RecentlyUsed } from "../values/recently-used.ts"
import type { AccountSetup } from "../settings/account-options.ts"
import type { Profile } from "../settings/options.ts"
import type { SettingsHolder } from "../settings/settings.ts"
import type { Step } from "../steps/step.ts"

/** The first characters of a key, never more than half of it. */
const beginning = (key: string): string => key.slice(0, Math.min(8, key.length >> 1))

/** What the configuration says of a key. */
interface TenantSetup extends Pick<AccountSetup, "books" | "profile"> {
  readonly plan: Plan | undefined
}

const tenantSetup = (key: string, { books, profile, steps }: AccountSetup): TenantSetup => {
  const plan = steps === undefined ? undefined : planOfSteps(steps)
  if (typeof plan === "string") throw new InvalidAccountError(key, `steps: ${plan}`)
  return { books, profile, plan }
}

/** All that belongs to one key. Nothing is shared between two keys, so tests with a key each cannot disturb another. */
export class Tenant {
  readonly key: string
  /**
   * What stands for the key wherever it is shown: its first characters, `…` and a number. `…` fits in no header, so no
   * key looks like this, and the admin API takes it in place of the key.
   */
  readonly label: string
  readonly clock = new TenantClock()
  readonly #settings: SettingsHolder
  readonly #setup: TenantSetup | undefined
  readonly #ownPlan: Plan
  /**
   * The step of a plan that the key itself names, if it is the only one. When it has figures, the account opens with
   * them.
   */
  readonly #onlyStep: Step | undefined
  #activity = new Activity()
  #plan: PlanCursor
  #ledger: Ledger
  #limiter: TokenBucket | undefined
  #random: Random | undefined = undefined
  #profile: Profile | undefined
  #isAccountSet = false

  constructor(key: string, serial: number, settings: SettingsHolder, setup?: TenantSetup) {
    this.key = key
    this.label = `${beginning(key)}…${serial}`
    this.#settings = settings
    this.#setup = setup
    this.#ownPlan = setup?.plan ?? planOfKey(key)
    this.#onlyStep = this.#ownPlan.length === 1 ? this.#ownPlan[0].step : undefined
    this.#plan = new PlanCursor(this.#ownPlan)
    this.#ledger = new Ledger(this.#opening, this.clock.now())
    this.#limiter = this.#bucket(this.#openingLimit)
    this.#profile = setup?.profile
  }

  /** The profile of its account, if the account has its own. */
  get ownProfile(): Profile | undefined {
    return this.#profile
  }

  /** The profile that its requests are answered with. */
  get profile(): Profile {
    return this.#profile ?? this.#settings.current.profile
  }

  /** Whether the profile `live` knows the key: an account was set for it, or the key asks for steps. */
  get isKnown(): boolean {
    return this.#setup !== undefined || this.#isAccountSet || asksForSteps(this.key)
  }

  get ledger(): Ledger {
    return this.#ledger
  }

  get activity(): Activity {
    return this.#activity
  }

  get limiter(): TokenBucket | undefined {
    return this.#limiter
  }

  /** The key's own random numbers: the same ones whenever the seed is the same. */
  get random(): Random {
    return this.#random ??= seededRandom(this.#settings.current.seed, this.key)
  }

  /** Takes the step for one request, which uses it up. */
  takeStep(): PlanStep {
    return this.#plan.take()
  }

  /** What a request that gets this step reads. A step's own figures hold unless the account opened with them. */
  balanceFor(step: Step): Balance {
    return step.figures === undefined || step === this.#onlyStep
      ? this.#ledger.reported(this.clock.now())
      : step.figures
  }

  /** The step that the next request gets, left where it is. */
  get nextStep(): Step {
    return this.#plan.peek().step
  }

  /** Its name, as the plan has it. */
  get next(): string {
    return this.#plan.peek().name
  }

  /** The steps that are left, `503_x2` for two of a kind. The last one repeats. */
  get reservedSteps(): ReadonlyArray<string> {
    return this.#plan.reserved
  }

  setPlan(plan: Plan): void {
    this.#plan = new PlanCursor(plan)
  }

  /** Opens the books anew. */
  setAccount(opening: Opening, limit: Limit | null, profile?: Profile): void {
    this.#isAccountSet = true
    this.#profile = profile
    this.#ledger = new Ledger(opening, this.clock.now())
    this.#limiter = this.#bucket(limit)
  }

  /** Returns the key to its configuration, as if it had never been seen. Requests that are being answered go on. */
  reset(): void {
    this.clock.reset()
    this.setPlan(this.#ownPlan)
    this.setAccount(this.#opening, this.#openingLimit, this.#setup?.profile)
    this.#isAccountSet = false
    this.#random = undefined
    this.#activity = new Activity()
  }

  /** Forgets the requests so far; only their number stays. */
  forgetRequests(): void {
    this.#activity = new Activity(this.#activity.attempts)
  }

  get #opening(): Opening {
    return this.#setup?.books?.opening ?? this.#onlyStep?.figures ?? this.#settings.current.balance
  }

  get #openingLimit(): Limit | null {
    const books = this.#setup?.books
    return books === undefined ? this.#settings.current.limit : books.limit
  }

  #bucket(limit: Limit | null): TokenBucket | undefined {
    return limit === null ? undefined : new TokenBucket(limit, this.clock.now())
  }
}

/**
 * The tenants of one server. Each is made when its key is first seen, and forgotten when too many other keys were used
 * since.
 */
export class Tenants {
  readonly #tenants = new RecentlyUsed<Tenant>()
  readonly #byLabel = new Map<string, Tenant>()
  readonly #settings: SettingsHolder
  readonly #setups: ReadonlyMap<string, TenantSetup>
  #serial = 0
  #hasForgotten = false

  /** The keys of the configuration are there from the start. */
  constructor(settings: SettingsHolder, accounts: ReadonlyMap<string, AccountSetup> = new Map()) {
    this.#settings = settings
    this.#setups = new Map([...accounts].map(([key, setup]) => [key, tenantSetup(key, setup)]))
    checkRoom(settings.current.maxKeys, this.configured)
    for (const key of this.#setups.keys()) this.get(key)
  }

  /** How many keys the configuration has an account for. */
  get configured(): number {
    return this.#setups.size
  }

  /** Whether a key was forgotten for lack of room. */
  get hasForgotten(): boolean {
    return this.#hasForgotten
  }

  /** The tenant of a key, which counts as used. */
  get(key: string): Tenant {
    const known = this.#tenants.use(key)
    if (known !== undefined) return known
    const tenant = new Tenant(key, ++this.#serial, this.#settings, this.#setups.get(key))
    this.#tenants.add(key, tenant)
    this.#byLabel.set(tenant.label, tenant)
    this.trim()
    return tenant
  }

  /** The tenant of a key, if there is one. */
  find(key: string): Tenant | undefined {
    return this.#tenants.peek(key)
  }

  /** The tenant that a label stands for. */
  labelled(label: string): Tenant | undefined {
    return this.#byLabel.get(label)
  }

  /** All tenants. The most recently used one comes last. */
  all(): Iterable<Tenant> {
    return this.#tenants.items()
  }

  get size(): number {
    return this.#tenants.size
  }

  /** Forgets the least recently used keys beyond `maxKeys`. */
  trim(): void {
    while (this.#tenants.size > this.#settings.current.maxKeys) {
      const forgotten = this.#tenants.dropOldest()
      this.#hasForgotten = true
      if (forgotten !== undefined) this.#byLabel.delete(forgotten.label)
    }
  }
}
