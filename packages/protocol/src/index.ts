/** What the clients of effect-pollo share: plain rules, without Effect and without a dependency. */
export * from "./codes.ts"
export * from "./connection.ts"
export * from "./durations.ts"
export * from "./policy.ts"
export * from "./retryAfter.ts"
export * from "./scrub.ts"
export * from "./transportCode.ts"
export * from "./verdict.ts"
