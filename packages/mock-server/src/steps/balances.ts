import type { Balance } from "../values/ledger.ts"
import { balanceAnswer, envelope, json, success } from "./step.ts"
import type { Step } from "./step.ts"

const fixed = (name: string, summary: string, figures: Balance): Step => ({
  name,
  summary,
  conforms: true,
  figures,
  answer: balanceAnswer
})

/** Balances that a client must accept, however odd. */
export const balanceSteps: ReadonlyArray<Step> = [
  { name: "ok", summary: "200, the balance of the key", conforms: true, answer: balanceAnswer },
  fixed("low_balance", "200, 5 credits of 1000", { availableCredits: 5, totalCredits: 1000 }),
  fixed("empty", "200, 0 credits of 1000", { availableCredits: 0, totalCredits: 1000 }),
  fixed("fractional", "200, 12.34 credits of 1000", { availableCredits: 12.34, totalCredits: 1000 }),
  fixed("negative", "200, -15 credits of 1000", { availableCredits: -15, totalCredits: 1000 }),
  {
    name: "envelope",
    summary: "200, the balance inside `{code, message, data}`, as the real server has been seen to send it",
    conforms: false,
    answer: ({ balance }) => json(200, envelope(balance))
  },
  {
    name: "extra_field",
    summary: "200, the balance with a field that the document does not name",
    conforms: false,
    answer: (context) => success(context, { ...context.balance, plan: "pro" })
  }
]
