import type { Core } from "./core.ts"
import { errorBody } from "../values/error-body.ts"
import type { Exchange } from "./exchange.ts"
import { retryAfterHeaders } from "../values/retry-after.ts"
import { json } from "../steps/step.ts"
import type { Answer } from "../steps/step.ts"
import type { Tenant } from "../tenant/tenants.ts"

/** The step that the journal records for answers by the rate limiter. */
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
    // Without a refill there is no time to wait for.
    Number.isFinite(waitMillis) ? retryAfterHeaders(retryAfter, waitMillis, now) : {}
  )
}

/**
 * What the live server answers to a key that it does not know. Such a request reaches neither the limit nor the plan.
 */
const refusedKey = ({ isKnown, key, profile }: Tenant): Answer | undefined => {
  if (profile === "documented" || isKnown) return undefined
  return key.startsWith("pollo_")
    ? json(404, errorBody(404, "The API key is not known"))
    : json(401, errorBody(401, "The API key is malformed: keys begin with pollo_"))
}

/** The answer when the mock server itself fails, because a request must not stay without an answer. */
export const ownFailure = (error: unknown): Answer =>
  json(500, errorBody(500, `The mock server itself failed: ${error instanceof Error ? error.message : String(error)}`))

export const responseOf = ({ body, headers, status }: Answer): Response => new Response(body, { status, headers })

/**
 * The answer to one request of a key. It notes on `exchange` how the answer is to be delivered. A rate-limited request
 * takes no step: plans count only requests that get through the limit. It never throws, so its callers always have an
 * answer to send.
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
