import type { Core } from "../vendor/core.ts"
import type { Input, Operation } from "./operation.ts"
import { operations } from "./operations.ts"
import type { Admin } from "./types.ts"

/** The calls as methods of one server. */
export const createMethods = (core: Core): Omit<Admin, "subscribe"> => {
  const perform = async <Answer>(operation: Operation<Answer>, input: Input): Promise<Answer> =>
    operation.perform(core, input)
  return {
    accounts: (query) => perform(operations.accounts, { query }),
    account: (key) => perform(operations.account, { key }),
    setAccount: (key, body) => perform(operations.setAccount, { key, body }),
    spend: (key, body) => perform(operations.spend, { key, body }),
    topUp: (key, body) => perform(operations.topUp, { key, body }),
    history: (key) => perform(operations.history, { key }),
    plan: (key) => perform(operations.plan, { key }),
    setPlan: (key, body) => perform(operations.setPlan, { key, body }),
    clock: (key) => perform(operations.clock, { key }),
    freeze: (key, body) => perform(operations.freeze, { key, body }),
    advance: (key, body) => perform(operations.advance, { key, body }),
    resume: (key, body) => perform(operations.resume, { key, body }),
    requests: (query) => perform(operations.requests, { query }),
    countRequests: (body) => perform(operations.countRequests, { body }),
    findRequests: (body) => perform(operations.findRequests, { body }),
    summarize: (query) => perform(operations.summarize, { query }),
    verify: (body) => perform(operations.verify, { body }),
    clearRequests: (query) => perform(operations.clearRequests, { query }),
    reset: (query) => perform(operations.reset, { query }),
    settings: () => perform(operations.settings, {}),
    setSettings: (body) => perform(operations.setSettings, { body }),
    health: () => perform(operations.health, {}),
    ready: () => perform(operations.ready, {}),
    version: () => perform(operations.version, {})
  }
}
