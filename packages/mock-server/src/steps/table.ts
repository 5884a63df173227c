import { balanceSteps } from "./balances.ts"
import { bodySteps } from "./bodies.ts"
import { statusSteps } from "./statuses.ts"
import type { Step } from "./step.ts"
import { wireSteps } from "./wire.ts"

/** Every step there is, in the order in which people are told of them. */
export const allSteps: ReadonlyArray<Step> = [...balanceSteps, ...statusSteps, ...bodySteps, ...wireSteps]

const byName: ReadonlyMap<string, Step> = new Map(
  allSteps.flatMap((step) => [step.name, ...(step.aliases ?? [])].map((name) => [name, step] as const))
)

/** The step of that name or alias. Case does not matter. */
export const findStep = (name: string): Step | undefined => byName.get(name.toLowerCase())
