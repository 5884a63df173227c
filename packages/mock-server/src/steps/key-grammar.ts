import { errorBody } from "../values/error-body.ts"
import type { Plan, PlanStep } from "./plan.ts"
import { json } from "./step.ts"
import type { Step } from "./step.ts"
import { allSteps, findStep, stepFamilies } from "./table.ts"

const prefix = "mock_"

/** Names contain underscores too, so the name is as long as it can be, and only the last `_x<n>` is the count. */
const countedStep = /^(.+)_x([1-9]\d{0,5})$/i

const always = (step: Step): Plan => [{ step, name: step.name, times: 1 }]

const required = (name: string): Step => {
  const step = findStep(name)
  if (step === undefined) throw new Error(`the step table has no "${name}"`)
  return step
}

const plainPlan = always(required("ok"))

/** Every step by all of its names, for people. */
export const listOfSteps = [
  ...allSteps.map((step) => [step.name].concat(step.aliases ?? [])),
  ...stepFamilies.map(({ forms }) => forms)
].map((names) => names.join(" = ")).join(", ")

const grammar = "mock_<step>[_x<n>][_then_<step>…][.<anything>], with n from 1 to 999999, " +
  "and a step is also <delay>_before_<step>"

/** The step that the journal records for a key that names an unknown step. */
export const unknownStepName = "unknown_step"

/** The step of a key that names an unknown step: a 400 that lists the known ones. */
const unknownStep = (written: string): Step => ({
  name: unknownStepName,
  summary: "400, because the key names a step that does not exist",
  conforms: true,
  answer: () =>
    json(
      400,
      errorBody(400, `The key asks for an unknown step: ${JSON.stringify(written.slice(0, 40))}`, [
        `A key is ${grammar}`,
        `The steps are ${listOfSteps}`
      ])
    )
})

/** One part of a plan: `<step>` or `<step>_x<n>`. */
export const parsePlanStep = (written: string): PlanStep | undefined => {
  const exact = findStep(written)
  if (exact !== undefined) return { step: exact, name: written, times: 1 }
  const [, name = "", times = ""] = countedStep.exec(written) ?? []
  const step = findStep(name)
  return step === undefined ? undefined : { step, name, times: Number(times) }
}

/**
 * The steps that the parts name, or the first part that names no step. The name `random_data_then_close` is two parts.
 */
const stepsOf = (parts: ReadonlyArray<string>): ReadonlyArray<PlanStep> | string => {
  const steps: Array<PlanStep> = []
  for (let at = 0; at < parts.length; at++) {
    const part = parts[at] ?? ""
    const following = parts[at + 1]
    const short = parsePlanStep(part)
    const step = short ?? (following === undefined ? undefined : parsePlanStep(`${part}_then_${following}`))
    if (step === undefined) return part
    if (short === undefined) at++
    steps.push(step)
  }
  return steps
}

/** Whether a key says which steps it gets. */
export const asksForSteps = (key: string): boolean => key.slice(0, prefix.length).toLowerCase() === prefix

/** The plan of these steps (`503_x2` for two of a kind), or a message about the first unknown one. */
export const planOfSteps = (steps: ReadonlyArray<string>): Plan | string => {
  const parsed = steps.map(parsePlanStep)
  const wrong = parsed.indexOf(undefined)
  const [first, ...rest] = parsed.filter((step): step is PlanStep => step !== undefined)
  if (wrong === -1 && first !== undefined) return [first, ...rest]
  return `${JSON.stringify(steps[wrong])} is no step. Each is <step> or <step>_x<n>. The steps are ${listOfSteps}`
}

/**
 * The plan that a key asks for: `mock_<step>[_x<n>][_then_<step>…][.<anything>]`. Every other key is served by `ok`,
 * and a key that names an unknown step by a 400 that lists the known ones.
 */
export const planOfKey = (key: string): Plan => {
  if (!asksForSteps(key)) return plainPlan
  const dot = key.indexOf(".")
  const steps = stepsOf(key.slice(prefix.length, dot === -1 ? undefined : dot).split(/_then_/i))
  if (typeof steps === "string") return always(unknownStep(steps))
  const [first, ...rest] = steps
  return first === undefined ? plainPlan : [first, ...rest]
}
