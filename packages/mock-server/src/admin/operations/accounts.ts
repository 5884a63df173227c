import type { Core } from "../../vendor/core.ts"
import { maxCredits } from "../../values/credits.ts"
import { AdminError } from "../../values/errors.ts"
import { listOfSteps, parsePlanStep, planOfSteps } from "../../steps/key-grammar.ts"
import { maxKept } from "../../values/ledger.ts"
import type { Outcome } from "../../values/ledger.ts"
import type { Plan } from "../../steps/plan.ts"
import type { Tenant } from "../../tenant/tenants.ts"
import { accountOf, clockOf, planOf } from "../account-state.ts"
import * as answers from "../answers.ts"
import { keyOperation, operation } from "../operation.ts"
import * as schema from "../schemas.ts"
import type { Account } from "../types.ts"

const nothing = { query: schema.nothing, body: schema.nothing } as const

/** Tells the watchers that the account has changed, and returns the answer. */
const changed = <Answer>(core: Core, tenant: Tenant, answer: Answer): Answer => {
  core.events.emit({ type: "account", key: tenant.label })
  return answer
}

const settled = (core: Core, tenant: Tenant, key: string, credits: number, outcome: Outcome): Account => {
  const account = accountOf(tenant, key)
  if (outcome === "short") {
    throw new AdminError(409, "Not enough credits", [
      `credits: ${credits} is more than the ${account.availableCredits} that are available`
    ])
  }
  if (outcome === "full") {
    throw new AdminError(409, "The account cannot hold more", [
      `credits: an account holds at most ${maxCredits} of them, and ${maxKept} movements that are still to happen or expire`
    ])
  }
  return changed(core, tenant, account)
}

const parsePlan = (steps: ReadonlyArray<string>): Plan => {
  const plan = planOfSteps(steps)
  if (typeof plan !== "string") return plan
  const parsed = steps.map(parsePlanStep)
  throw new AdminError(400, "The plan names a step that does not exist", [
    ...parsed.flatMap((step, index) =>
      step === undefined ? [`steps.${index}: ${JSON.stringify(steps[index])} is no step`] : []
    ),
    `steps: each is <step> or <step>_x<n>. The steps are ${listOfSteps}`
  ])
}

const jump = ({ clock }: Tenant, millis: number): void => {
  if (!clock.advance(millis)) {
    throw new AdminError(400, "The clock cannot be advanced so far", ["millis: would lead beyond the year 9999"])
  }
}

/** What each key has: its books, its plan and its clock. */
export const accountOperations = {
  accounts: operation("accounts", {
    query: schema.accountsQuery,
    body: schema.nothing,
    answer: answers.accounts
  }, ({ tenants }, { limit = 100 }) => {
    const all = [...tenants.all()]
    return {
      total: all.length,
      accounts: all.slice(Math.max(0, all.length - limit)).map((tenant) => accountOf(tenant, tenant.label))
    }
  }),

  account: keyOperation("account", {
    ...nothing,
    answer: answers.account
  }, (tenant, _body, _core, key) => accountOf(tenant, key)),

  setAccount: keyOperation("setAccount", {
    query: schema.nothing,
    body: schema.accountInput,
    answer: answers.account
  }, (tenant, { limit, profile, ...opening }, core, key) => {
    tenant.setAccount(
      { ...opening, totalCredits: opening.totalCredits ?? opening.availableCredits },
      limit ? { ...limit, retryAfter: limit.retryAfter ?? "seconds" } : null,
      profile
    )
    return changed(core, tenant, accountOf(tenant, key))
  }),

  spend: keyOperation(
    "spend",
    {
      query: schema.nothing,
      body: schema.spendInput,
      answer: answers.account,
      conflicts: true
    },
    (tenant, input, core, key) =>
      settled(core, tenant, key, input.credits, tenant.ledger.spend(input, tenant.clock.now()))
  ),

  topUp: keyOperation(
    "topUp",
    {
      query: schema.nothing,
      body: schema.topUpInput,
      answer: answers.account,
      conflicts: true
    },
    (tenant, input, core, key) =>
      settled(core, tenant, key, input.credits, tenant.ledger.topUp(input, tenant.clock.now()))
  ),

  history: keyOperation("history", {
    ...nothing,
    answer: answers.history
  }, ({ clock, ledger }) => ({ points: ledger.history(clock.now()) })),

  plan: keyOperation("plan", {
    ...nothing,
    answer: answers.plan
  }, planOf),

  setPlan: keyOperation("setPlan", {
    query: schema.nothing,
    body: schema.planInput,
    answer: answers.plan
  }, (tenant, { steps }, core) => {
    tenant.setPlan(parsePlan(steps))
    return changed(core, tenant, planOf(tenant))
  }),

  clock: keyOperation("clock", {
    ...nothing,
    answer: answers.clock
  }, clockOf),

  freeze: keyOperation("freeze", {
    query: schema.nothing,
    body: schema.jumpInput,
    answer: answers.clock
  }, (tenant, { millis = 0 }, core) => {
    jump(tenant, millis)
    tenant.clock.freeze()
    return changed(core, tenant, clockOf(tenant))
  }),

  advance: keyOperation("advance", {
    query: schema.nothing,
    body: schema.advanceInput,
    answer: answers.clock
  }, (tenant, { millis }, core) => {
    jump(tenant, millis)
    return changed(core, tenant, clockOf(tenant))
  }),

  resume: keyOperation("resume", {
    query: schema.nothing,
    body: schema.jumpInput,
    answer: answers.clock
  }, (tenant, { millis = 0 }, core) => {
    jump(tenant, millis)
    tenant.clock.resume()
    return changed(core, tenant, clockOf(tenant))
  })
}
