import { standardNormal } from "../values/random.ts"
import { numbered } from "./numbered.ts"
import { balanceAnswer } from "./step.ts"
import type { Step, StepFamily } from "./step.ts"

export const delaySteps: ReadonlyArray<Step> = [
  {
    name: "slow",
    summary: "the balance after a delay (1 second unless `slowMillis` is set)",
    conforms: true,
    answer: balanceAnswer,
    delay: ({ settings }) => settings.slowMillis
  }
]

/** Delays on the key's clock, the random ones drawn from the seed and the key. */
export const delayFamilies: ReadonlyArray<StepFamily> = [
  numbered(["delay_<ms>", "latency_<ms>"], {
    summary: "the balance after that time",
    conforms: true,
    trouble: (millis = 0) => ({ delay: () => millis })
  }),
  numbered(["delay_uniform_<min>_<max>"], {
    summary: "the balance after a random time from min to max milliseconds",
    conforms: true,
    trouble: (min = 0, max = 0) =>
      min > max ? undefined : { delay: ({ random }) => min + Math.floor(random() * (max - min + 1)) }
  }),
  numbered(["delay_lognormal_<median>_<sigma>"], {
    summary: "the balance after a random time with that median in milliseconds and that sigma in hundredths",
    conforms: true,
    trouble: (median = 0, sigma = 0) => ({
      // Zero times infinity is NaN.
      delay: ({ random }) => Math.round(median * Math.exp((sigma / 100) * standardNormal(random))) || 0
    })
  })
]
