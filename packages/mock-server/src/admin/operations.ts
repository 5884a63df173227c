import manifest from "../../package.json" with { type: "json" }
import type { Core } from "../core.ts"
import { AdminError, InvalidOptionError } from "../errors.ts"
import type { JournalEntry } from "../journal.ts"
import { listOfSteps, parsePlanStep } from "../key-grammar.ts"
import type { Outcome } from "../ledger.ts"
import { maxCredits, maxKept } from "../ledger.ts"
import type { Plan, PlanStep } from "../plan.ts"
import { resolveSettings } from "../settings.ts"
import { findStep } from "../steps/table.ts"
import { summarize } from "../summary.ts"
import type { Tenant } from "../tenants.ts"
import { verifyRequests } from "../verify.ts"
import { accountOf, clockOf, planOf } from "./account.ts"
import { keyOperation, operation, tenantOf } from "./operation.ts"
import * as schema from "./schemas.ts"
import type { Account, RequestFilter } from "./types.ts"

const nothing = { query: schema.nothing, body: schema.nothing } as const

const onAccount = "/accounts/{key}"
const onClock = "/clock/{key}"

/** Tells those who watch, and answers with what has changed. */
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
      `credits: an account holds at most ${maxCredits} credits, and ${maxKept} of each that is scheduled or expires`
    ])
  }
  return changed(core, tenant, account)
}

const parsePlan = (steps: ReadonlyArray<string>): Plan => {
  const parsed = steps.map(parsePlanStep)
  const [first, ...rest] = parsed.filter((step): step is PlanStep => step !== undefined)
  if (first !== undefined && rest.length === steps.length - 1) return [first, ...rest]
  throw new AdminError(400, "The plan names a step that does not exist", [
    ...parsed.flatMap((step, index) =>
      step === undefined ? [`steps.${index}: ${JSON.stringify(steps[index])} is no step`] : []
    ),
    `steps: each is <step> or <step>_x<n>. The steps are ${listOfSteps}`
  ])
}

/** The entries of a key, or of all. A key that nobody has used has none. */
const entriesOf = (core: Core, key: string | undefined): ReadonlyArray<JournalEntry> => {
  if (key === undefined) return core.journal.entries()
  return core.journal.entries((core.tenants.labelled(key) ?? { key }).key)
}

const find = (core: Core, { key, method, path, status, step }: RequestFilter): ReadonlyArray<JournalEntry> => {
  const wanted = step === undefined ? undefined : findStep(step)
  return entriesOf(core, key).filter((entry) =>
    (status === undefined || entry.status === status)
    && (method === undefined || entry.method === method.toUpperCase())
    && (path === undefined || entry.path === path)
    && (step === undefined || entry.step === step
      || (wanted !== undefined && entry.step !== null && findStep(entry.step)?.name === wanted.name))
  )
}

/** All calls, by the names of the methods that mirror them. */
export const operations = {
  accounts: operation({
    id: "accounts",
    method: "GET",
    path: "/accounts",
    summary: "The keys that the server remembers, the last used at the end",
    query: schema.accountsQuery,
    body: schema.nothing
  }, ({ tenants }, { limit = 100 }) => {
    const all = [...tenants.all()]
    return {
      total: all.length,
      accounts: all.slice(Math.max(0, all.length - limit)).map((tenant) => accountOf(tenant, tenant.label))
    }
  }),

  account: keyOperation(
    { ...nothing, id: "account", method: "GET", path: onAccount, summary: "The books, plan, limit and clock of a key" },
    (tenant, _body, _core, key) => accountOf(tenant, key)
  ),

  setAccount: keyOperation({
    id: "setAccount",
    method: "PUT",
    path: onAccount,
    summary: "Opens the books of a key anew, and sets its limit. Plan and clock stay",
    query: schema.nothing,
    body: schema.accountInput
  }, (tenant, { limit, ...opening }, core, key) => {
    tenant.setAccount(
      { ...opening, totalCredits: opening.totalCredits ?? opening.availableCredits },
      limit ? { ...limit, retryAfter: limit.retryAfter ?? "seconds" } : null
    )
    return changed(core, tenant, accountOf(tenant, key))
  }),

  spend: keyOperation(
    {
      id: "spend",
      method: "POST",
      path: `${onAccount}/spend`,
      summary: "Spends credits. The same id again changes nothing, and neither does more than there is",
      query: schema.nothing,
      body: schema.spendInput,
      conflicts: true
    },
    (tenant, input, core, key) =>
      settled(core, tenant, key, input.credits, tenant.ledger.spend(input, tenant.clock.now()))
  ),

  topUp: keyOperation(
    {
      id: "topUp",
      method: "POST",
      path: `${onAccount}/top-up`,
      summary: "Grants credits. The same id again changes nothing",
      query: schema.nothing,
      body: schema.topUpInput,
      conflicts: true
    },
    (tenant, input, core, key) =>
      settled(core, tenant, key, input.credits, tenant.ledger.topUp(input, tenant.clock.now()))
  ),

  history: keyOperation({
    ...nothing,
    id: "history",
    method: "GET",
    path: `${onAccount}/history`,
    summary: "The balance before and after each of the last movements, and now"
  }, ({ clock, ledger }) => ({ points: ledger.history(clock.now()) })),

  plan: keyOperation(
    { ...nothing, id: "plan", method: "GET", path: `${onAccount}/plan`, summary: "The steps that are left of a plan" },
    planOf
  ),

  setPlan: keyOperation({
    id: "setPlan",
    method: "PUT",
    path: `${onAccount}/plan`,
    summary: "Sets the steps that the next requests of a key get. The last one repeats",
    query: schema.nothing,
    body: schema.planInput
  }, (tenant, { steps }, core) => {
    tenant.setPlan(parsePlan(steps))
    return changed(core, tenant, planOf(tenant))
  }),

  clock: keyOperation(
    { ...nothing, id: "clock", method: "GET", path: onClock, summary: "The time of a key" },
    clockOf
  ),

  freeze: keyOperation(
    { ...nothing, id: "freeze", method: "POST", path: `${onClock}/freeze`, summary: "Stops the clock of a key" },
    (tenant, _body, core) => {
      tenant.clock.freeze()
      return changed(core, tenant, clockOf(tenant))
    }
  ),

  advance: keyOperation({
    id: "advance",
    method: "POST",
    path: `${onClock}/advance`,
    summary: "Moves the clock of a key ahead, and wakes what was due meanwhile",
    query: schema.nothing,
    body: schema.advanceInput
  }, (tenant, { millis }, core) => {
    tenant.clock.advance(millis)
    return changed(core, tenant, clockOf(tenant))
  }),

  resume: keyOperation(
    { ...nothing, id: "resume", method: "POST", path: `${onClock}/resume`, summary: "Lets a frozen clock run on" },
    (tenant, _body, core) => {
      tenant.clock.resume()
      return changed(core, tenant, clockOf(tenant))
    }
  ),

  requests: operation({
    id: "requests",
    method: "GET",
    path: "/requests",
    summary: "The requests on record, the newest last",
    query: schema.requestQuery,
    body: schema.nothing
  }, (core, { key, limit }) => {
    const entries = entriesOf(core, key)
    return {
      total: entries.length,
      requests: limit === undefined ? entries : entries.slice(Math.max(0, entries.length - limit))
    }
  }),

  countRequests: operation({
    id: "countRequests",
    method: "POST",
    path: "/requests/count",
    summary: "How many requests on record match",
    query: schema.nothing,
    body: schema.requestFilter
  }, (core, _query, filter) => ({ count: find(core, filter).length })),

  findRequests: operation({
    id: "findRequests",
    method: "POST",
    path: "/requests/find",
    summary: "The requests on record that match, the newest last",
    query: schema.nothing,
    body: schema.requestFilter
  }, (core, _query, filter) => ({ requests: find(core, filter) })),

  summarize: operation({
    id: "summarize",
    method: "GET",
    path: "/requests/summary",
    summary: "What the requests of a key say about its client",
    query: schema.keyQuery,
    body: schema.nothing
  }, (core, { key }) => summarize(entriesOf(core, key))),

  verify: operation({
    id: "verify",
    method: "POST",
    path: "/requests/verify",
    summary: "Whether the requests of a key are what was expected, and if not, what came instead",
    query: schema.nothing,
    body: schema.verifyInput
  }, (core, _query, { expect, key }) => verifyRequests(entriesOf(core, key), expect)),

  clearRequests: operation(
    { ...nothing, id: "clearRequests", method: "DELETE", path: "/requests", summary: "Forgets all requests" },
    ({ journal }): void => journal.clear()
  ),

  reset: operation({
    id: "reset",
    method: "POST",
    path: "/reset",
    summary: "Begins anew: a key, or all of them, with their books, plans, limits, clocks and requests",
    query: schema.optionalKeyQuery,
    body: schema.nothing
  }, (core, { key }): void => {
    const tenant = key === undefined ? undefined : tenantOf(core, key)
    for (const each of tenant === undefined ? core.tenants.all() : [tenant]) each.reset()
    core.journal.clear(tenant)
    core.events.emit({ type: "reset", key: tenant?.label ?? null })
  }),

  settings: operation(
    { ...nothing, id: "settings", method: "GET", path: "/settings", summary: "The settings" },
    ({ settings }) => settings.current
  ),

  setSettings: operation({
    id: "setSettings",
    method: "PUT",
    path: "/settings",
    summary: "Changes the settings that are named. Keys that are known already keep their books and limits",
    query: schema.nothing,
    body: schema.settingsInput
  }, (core, _query, input) => {
    try {
      core.settings.current = resolveSettings({ ...core.settings.current, ...input })
    } catch (error) {
      if (!(error instanceof InvalidOptionError)) throw error
      throw new AdminError(400, "The settings cannot be used", [`${error.option}: ${error.message}`])
    }
    core.journal.trim()
    core.tenants.trim()
    core.events.emit({ type: "settings" })
    return core.settings.current
  }),

  health: operation(
    { ...nothing, id: "health", method: "GET", path: "/health", summary: "Whether the server runs" },
    () => ({ status: "ok" as const })
  ),

  ready: operation(
    { ...nothing, id: "ready", method: "GET", path: "/ready", summary: "Whether the server takes requests" },
    () => ({ status: "ready" as const })
  ),

  version: operation(
    { ...nothing, id: "version", method: "GET", path: "/version", summary: "Which version of the server it is" },
    () => ({ version: manifest.version })
  )
}
