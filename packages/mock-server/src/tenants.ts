import { systemClock } from "./clock.ts"
import type { Clock } from "./clock.ts"
import { planOfKey } from "./key-grammar.ts"
import { Ledger } from "./ledger.ts"
import { PlanCursor } from "./plan.ts"
import type { Settings } from "./settings.ts"
import type { Step } from "./steps/step.ts"

/** All that belongs to one key. Nothing is shared between two keys, so tests with a key each cannot disturb another. */
export class Tenant {
  readonly key: string
  readonly ledger: Ledger
  readonly clock: Clock = systemClock
  readonly #plan: PlanCursor

  constructor(key: string, settings: Settings) {
    this.key = key
    this.ledger = new Ledger(settings.balance)
    this.#plan = new PlanCursor(planOfKey(key))
  }

  /** The step for one request. Taken once, it is used up. */
  takeStep(): Step {
    return this.#plan.take()
  }
}

/** The tenants of one server, made when their key is first seen. */
export class Tenants {
  readonly #byKey = new Map<string, Tenant>()
  readonly #settings: Settings

  constructor(settings: Settings) {
    this.#settings = settings
  }

  get(key: string): Tenant {
    const known = this.#byKey.get(key)
    if (known !== undefined) return known
    const tenant = new Tenant(key, this.#settings)
    this.#byKey.set(key, tenant)
    return tenant
  }
}
