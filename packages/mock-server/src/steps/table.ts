import { balanceSteps } from "./balances.ts"
import { bodySteps } from "./bodies.ts"
import { delayFamilies, delaySteps } from "./delays.ts"
import { retryAfterFamilies, statusFamily, statusSteps } from "./statuses.ts"
import type { Step, StepFamily } from "./step.ts"
import { faultFamilies, faultSteps } from "./faults.ts"

/** Every step that has a fixed name, in the order in which lists show them. */
export const allSteps: ReadonlyArray<Step> = [
  ...balanceSteps,
  ...statusSteps,
  ...bodySteps,
  ...delaySteps,
  ...faultSteps
]

/** Every kind of step whose name holds a number. */
export const stepFamilies: ReadonlyArray<StepFamily> = [
  ...retryAfterFamilies,
  statusFamily,
  ...delayFamilies,
  ...faultFamilies
]

const byName: ReadonlyMap<string, Step> = new Map(
  allSteps.flatMap((step) => [step.name, ...(step.aliases ?? [])].map((name) => [name, step] as const))
)

const findSingle = (name: string): Step | undefined => {
  const known = byName.get(name)
  if (known !== undefined) return known
  for (const { parse } of stepFamilies) {
    const step = parse(name)
    if (step !== undefined) return step
  }
  return undefined
}

const before = "_before_"

/** The step of that name or alias, also as `<delay>_before_<step>`. Case does not matter. */
export const findStep = (written: string): Step | undefined => {
  const name = written.toLowerCase()
  const at = name.indexOf(before)
  if (at === -1) return findSingle(name)
  const first = findSingle(name.slice(0, at))?.delay
  const step = findSingle(name.slice(at + before.length))
  if (first === undefined || step === undefined) return undefined
  const { delay } = step
  return {
    ...step,
    name,
    delay: delay === undefined ? first : (context) => first(context) + delay(context)
  }
}
