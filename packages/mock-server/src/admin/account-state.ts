import type { Tenant } from "../tenant/tenants.ts"
import type { Account, ClockState, PlanState } from "./types.ts"

export const clockOf = ({ clock }: Tenant): ClockState => ({ now: clock.now(), frozen: clock.frozen })

export const planOf = ({ next, reservedSteps }: Tenant): PlanState => ({ steps: reservedSteps, next })

/** The state of a tenant as the admin API answers it, with the key as the caller wrote it. */
export const accountOf = (tenant: Tenant, key: string): Account => {
  const clock = clockOf(tenant)
  const { activity, label, ledger, limiter, next, ownProfile, reservedSteps } = tenant
  return {
    key,
    label,
    ...(ownProfile === undefined ? {} : { profile: ownProfile }),
    ...ledger.state(clock.now),
    limit: limiter === undefined ? null : { ...limiter.limit, tokens: limiter.tokens(clock.now) },
    reservedSteps,
    next,
    clock,
    attempts: activity.attempts
  }
}
