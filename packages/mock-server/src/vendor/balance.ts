import type { Core } from "./core.ts"
import { errorBody } from "../values/error-body.ts"
import type { Exchange } from "./exchange.ts"
import { retryAfterHeaders } from "../values/retry-after.ts"
import { json } from "../steps/step.ts"
import type { Answer } from "../steps/step.ts"
import type { Tenant } from "../tenant/tenants.ts"

/** The step of answers by the rate limiter, on record. */
export const limitStep = "limit"

const limited = (tenant: Tenant): Answer | undefined => {
  const { clock, limiter } = tenant
  if (limiter === undefined) return undefined
  const now = clock.now()
  const waitMillis = limiter.take(now)
  if (waitMillis === 0) return undefined
  const { capacity, refillPerSecond, retryAfter } = limiter.limit
  return json(
    429,
    errorBody(429, `Too many requests: ${capacity} at once, and then ${refillPerSecond} a second`),
    // Without a refill there is no time to name.
    Number.isFinite(waitMillis) ? retryAfterHeaders(retryAfter, waitMillis, now) : {}
  )
}

/** What the live server answers to a key that it does not know. Such a request gets to no limit and to no plan. */
const refusedKey = ({ isKnown, key, profile }: Tenant): Answer | undefined => {
  if (profile === "documented" || isKnown) return undefined
  return key.startsWith("pollo_")
    ? json(404, errorBody(404, "The API key is not known"))
    : json(401, errorBody(401, "The API key is malformed: keys begin with pollo_"))
}

/** What went wrong is the server's own fault, and no reason to leave a request without an answer. */
export const ownFailure = (error: unknown): Answer =>
  json(500, errorBody(500, `The mock server itself failed: ${error instanceof Error ? error.message : String(error)}`))

export const responseOf = ({ body, headers, status }: Answer): Response => new Response(body, { status, headers })

/**
 * The answer to one request of a key, and the notes of what shall become of it. A limited request takes no step: what a
 * plan says happens to requests that get through. It never throws: whatever asks has an answer to send.
 */
export const answerBalance = (core: Core, tenant: Tenant, exchange: Exchange, url: string): Answer => {
  try {
    return decide(core, tenant, exchange, url)
  } catch (error) {
    exchange.delivery = undefined
    return ownFailure(error)
  }
}

const decide = ({ settings }: Core, tenant: Tenant, exchange: Exchange, url: string): Answer => {
  const stranger = refusedKey(tenant)
  if (stranger !== undefined) return stranger
  const refused = limited(tenant)
  if (refused !== undefined) {
    exchange.step = limitStep
    exchange.retryAfter = refused.headers["retry-after"]
    return refused
  }
  const { name, step } = tenant.takeStep()
  exchange.step = name
  const { clock, random } = tenant
  const context = {
    balance: tenant.balanceFor(step),
    settings: settings.current,
    profile: tenant.profile,
    now: clock.now(),
    random,
    url
  }
  if (step.delay !== undefined || step.fault !== undefined) {
    const { conforms, fault } = step
    const delayMillis = step.delay?.(context) ?? 0
    const breaksAnswer = fault !== undefined && !conforms
    exchange.delivery = { step: name, delayMillis, fault, breaksAnswer, clock, random }
  }
  const answer = step.answer(context)
  exchange.retryAfter = answer.headers["retry-after"]
  return answer
}
