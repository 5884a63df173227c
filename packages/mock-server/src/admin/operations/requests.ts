import { limitStep } from "../../vendor/balance.ts"
import type { Core } from "../../vendor/core.ts"
import type { Recorded } from "../../journal/journal.ts"
import { listOfSteps, unknownStepName } from "../../steps/key-grammar.ts"
import { findStep } from "../../steps/table.ts"
import { summarize } from "../../journal/summary.ts"
import { verifyRecorded } from "../../journal/verify.ts"
import * as answers from "../answers.ts"
import { isLabel, operation } from "../operation.ts"
import { cannotBeUsed, checked } from "../refuse.ts"
import * as schema from "../schemas.ts"
import type { RequestFilter } from "../types.ts"

/** The requests of a key, or of all. */
const recorded = ({ journal }: Core, key: string | undefined): Recorded =>
  key === undefined ? journal.all() : isLabel(key) ? journal.labelled(key) : journal.of(key)

/** The main name of a step. An unknown name is refused: it would match nothing, and that would look like an answer. */
const canonical = (name: string): string => {
  if (name === limitStep || name === unknownStepName) return name
  const step = findStep(name)
  if (step !== undefined) return step.name
  throw cannotBeUsed("body", [
    `step: ${JSON.stringify(name)} is no step. The steps are ${limitStep}, ${unknownStepName}, ${listOfSteps}`
  ])
}

const summaryOf = ({ complete, requests }: Recorded) => ({ ...summarize(requests), complete })

const find = (core: Core, { key, method, path, status, step }: RequestFilter): Recorded => {
  const wanted = step === undefined ? undefined : canonical(step)
  const { complete, requests } = recorded(core, key)
  const found = requests.filter((entry) =>
    (status === undefined || entry.status === status)
    && (method === undefined || entry.method === method.toUpperCase())
    && (path === undefined || entry.path === path)
    && (wanted === undefined || (entry.step !== null && canonical(entry.step) === wanted))
  )
  return { requests: found, complete }
}

/** What each key has done. */
export const requestOperations = {
  requests: operation("requests", {
    query: schema.requestQuery,
    body: schema.nothing,
    answer: answers.requests
  }, (core, { key, limit }) => {
    const { requests } = recorded(core, key)
    const from = limit === undefined ? 0 : Math.max(0, requests.length - limit)
    return { total: requests.length, requests: requests.slice(from) }
  }),

  countRequests: operation("countRequests", {
    query: schema.nothing,
    body: schema.requestFilter,
    answer: answers.count
  }, (core, _query, filter) => ({ count: find(core, filter).requests.length })),

  findRequests: operation("findRequests", {
    query: schema.nothing,
    body: schema.requestFilter,
    answer: answers.foundRequests
  }, (core, _query, filter) => find(core, filter)),

  summarize: operation("summarize", {
    query: schema.keyQuery,
    body: schema.nothing,
    answer: answers.summary
  }, (core, { key }) => summaryOf(recorded(core, key))),

  verify: operation("verify", {
    query: schema.nothing,
    body: schema.verifyInput,
    answer: answers.verification
  }, (core, _query, { expect, key }) => checked(() => verifyRecorded(recorded(core, key), expect))),

  clearRequests: operation("clearRequests", {
    query: schema.optionalKeyQuery,
    body: schema.nothing
  }, ({ events, journal, tenants }, { key }): void => {
    if (key === undefined) {
      journal.clear()
      events.emit({ type: "cleared", key: null })
      return
    }
    const tenant = tenants.labelled(key) ?? tenants.find(key)
    journal.clear(tenant?.key ?? key)
    if (tenant !== undefined) events.emit({ type: "cleared", key: tenant.label })
  })
}
