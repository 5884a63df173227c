import type { Core } from "../vendor/core.ts"
import { adminCalls } from "./calls.ts"
import type { CallName } from "./admin-calls.ts"
import type { Operation } from "./operation.ts"
import { accountOperations } from "./operations/accounts.ts"
import { requestOperations } from "./operations/requests.ts"
import { serverOperations } from "./operations/server.ts"

/** Every call of the admin API, by the name of the method that is the same call in code. */
export const operations = {
  ...accountOperations,
  ...requestOperations,
  ...serverOperations
} satisfies Readonly<Record<CallName, Operation>>

/** Performs a call with the arguments of its method. */
export const performer = (core: Core) => (name: CallName, args: ReadonlyArray<unknown>): unknown =>
  operations[name].perform(core, Object.fromEntries(adminCalls[name].takes.map((place, at) => [place, args[at]])))
