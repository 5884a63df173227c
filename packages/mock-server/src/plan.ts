import type { Step } from "./steps/step.ts"

/** A step and how many requests in a row it serves. */
export interface PlanStep {
  readonly step: Step
  readonly times: number
}

/** At least one step. The last one serves every request that is left, whatever its `times`. */
export type Plan = readonly [PlanStep, ...Array<PlanStep>]

/** Where one tenant is in its plan. */
export class PlanCursor {
  readonly #rest: Array<PlanStep>
  #current: PlanStep
  #served = 0

  constructor(plan: Plan) {
    const [first, ...rest] = plan
    this.#current = first
    this.#rest = rest
  }

  /** The step for the next request, used up in the same turn: no two requests share one. */
  take(): Step {
    if (this.#served >= this.#current.times) {
      const next = this.#rest.shift()
      if (next !== undefined) {
        this.#current = next
        this.#served = 0
      }
    }
    this.#served++
    return this.#current.step
  }
}
