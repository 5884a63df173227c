import type { Step } from "./step.ts"

/** A step and how many requests in a row it serves. */
export interface PlanStep {
  readonly step: Step
  /** The step's name as it was asked for, which may be an alias. */
  readonly name: string
  readonly times: number
}

/** At least one step. The last one serves every request that is left, whatever its `times`. */
export type Plan = readonly [PlanStep, ...Array<PlanStep>]

/** Where one tenant is in its plan. */
export class PlanCursor {
  readonly #plan: Plan
  #index = 0
  #current: PlanStep
  #served = 0

  constructor(plan: Plan) {
    this.#plan = plan
    this.#current = plan[0]
  }

  /** Takes the step for the next request out of the plan, synchronously: no two requests share a step. */
  take(): PlanStep {
    const taken = this.peek()
    this.#served++
    return taken
  }

  /** The step for the next request, left where it is. */
  peek(): PlanStep {
    const following = this.#served < this.#current.times ? undefined : this.#plan[this.#index + 1]
    if (following !== undefined) {
      this.#current = following
      this.#index++
      this.#served = 0
    }
    return this.#current
  }

  /** The steps that are left, as they are written in a plan; the last one repeats. */
  get reserved(): ReadonlyArray<string> {
    const { name, times } = this.peek()
    const left = Math.max(1, times - this.#served)
    return [{ name, times: left }, ...this.#plan.slice(this.#index + 1)].map(({ name, times }) =>
      times === 1 ? name : `${name}_x${times}`
    )
  }
}
