import { InvalidOptionError } from "../values/errors.ts"
import { listOfSteps, planOfKey, unknownStepName } from "./key-grammar.ts"

/** Hands out keys that no one has used yet: tests with a key each cannot disturb one another. */
export class FreshKeys {
  #count = 0

  /**
   * A key whose requests get these steps, the last one for ever: `("503_x2", "ok")`. Without any, they get the balance.
   *
   * @throws InvalidOptionError for an unknown step
   */
  next(...steps: ReadonlyArray<string>): string {
    const plan = steps.length === 0 ? "ok" : steps.join("_then_")
    const key = `mock_${plan}.${++this.#count}`
    if (plan.includes(".") || planOfKey(key)[0].step.name === unknownStepName) {
      throw new InvalidOptionError("steps", `made of ${listOfSteps}`, plan)
    }
    return key
  }
}
