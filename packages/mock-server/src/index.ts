export type {
  Account,
  AccountInput,
  AccountList,
  Admin,
  AdvanceInput,
  ClockState,
  JumpInput,
  PlanInput,
  PlanState,
  RequestFilter,
  RequestList,
  RequestQuery,
  SettingsInput,
  SpendInput,
  TopUpInput
} from "./admin/types.ts"
export type { BalancePoint } from "./books.ts"
export type { MockServerEvent } from "./core.ts"
export { AdminError, InvalidOptionError, ListenError, SocketRequiredError } from "./errors.ts"
export type { ConnectionEntry, JournalEntry, RequestOutcome } from "./journal-entry.ts"
export type { ListenOptions } from "./listen-options.ts"
export type { ListeningServer } from "./listen.ts"
export { createMockServer } from "./mock-server.ts"
export type { MockServer } from "./mock-server.ts"
export type { RetryAfterForm } from "./retry-after.ts"
export type { LimitOptions, MockServerOptions, Settings } from "./settings.ts"
export { summarize } from "./summary.ts"
export type { Summary } from "./summary.ts"
export { verifyRequests } from "./verify.ts"
export type { Bounds, Expectations, Verification } from "./verify.ts"
export type { StreamsServer } from "./wire/streams.ts"
