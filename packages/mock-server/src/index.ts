export type { Admin, AdminCalls, ResultKind } from "./admin/admin-calls.ts"
export type {
  Account,
  AccountList,
  AdvanceInput,
  ClockState,
  JumpInput,
  PlanInput,
  PlanState,
  RecordedSummary,
  RecordedVerification,
  RequestFilter,
  RequestList,
  RequestQuery,
  SettingsInput,
  SpendInput,
  TopUpInput
} from "./admin/types.ts"
export type { Bounds, Expectations } from "./journal/expectations.ts"
export type { ConnectionEntry, JournalEntry, RequestOutcome } from "./journal/journal-entry.ts"
export { summarize } from "./journal/summary.ts"
export type { Summary } from "./journal/summary.ts"
export { verifyRequests } from "./journal/verify.ts"
export type { Verification } from "./journal/verify.ts"
export { createMockServer } from "./mock-server.ts"
export type { MockServer } from "./mock-server.ts"
export type { AccountInput, AccountOptions } from "./settings/account-options.ts"
export type { ListenOptions } from "./settings/listen-options.ts"
export type { LimitOptions, Profile, Settings } from "./settings/options.ts"
export type { MockServerOptions } from "./settings/settings.ts"
export type { Fetch } from "./transport/fetch.ts"
export type { ListeningServer } from "./transport/listen.ts"
export type { StreamsServer } from "./transport/streams.ts"
export type { BalancePoint } from "./values/books.ts"
export {
  AdminError,
  InvalidExpectationError,
  InvalidOptionError,
  ListenError,
  SocketRequiredError
} from "./values/errors.ts"
export type { RetryAfterForm } from "./values/retry-after.ts"
export type { MockServerEvent } from "./vendor/core.ts"
