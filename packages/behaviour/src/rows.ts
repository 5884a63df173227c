/** How rows about the policy are written. */
import type { Behaviour, Policy, Reply, Wants } from "./row.ts"

export const row = (name: string, replies: ReadonlyArray<Reply>, policy: Policy, wants: Wants): Behaviour => ({
  name,
  replies,
  policy,
  wants
})

export const balanceAfter = (...waits: ReadonlyArray<number>): Wants => ({
  outcome: "Balance",
  requests: waits.length,
  waits
})
