import { balanceAnswer } from "./step.ts"
import type { Step } from "./step.ts"

/** The balance, with trouble on the way. */
export const wireSteps: ReadonlyArray<Step> = [
  {
    name: "slow",
    summary: "the balance after a delay (1 second unless `slowMillis` is set)",
    conforms: true,
    answer: balanceAnswer,
    delay: ({ settings }) => settings.slowMillis
  },
  {
    name: "hang",
    summary: "nothing at all, until the client gives up",
    conforms: false,
    answer: balanceAnswer,
    fault: "hang"
  },
  {
    name: "truncated",
    summary: "200 whose connection ends in the middle of the body",
    conforms: false,
    answer: balanceAnswer,
    fault: "truncated"
  },
  {
    name: "reset",
    summary: "a TCP reset instead of an answer (needs a socket)",
    conforms: false,
    answer: balanceAnswer,
    fault: "reset"
  }
]
