import type { Core } from "../vendor/core.ts"
import type { Admin } from "./types.ts"

/**
 * The admin API as methods. What is behind them is loaded by the first call: most programs that only want answers never
 * make one.
 */
export const createAdmin = (core: Core): Admin => {
  let loading: Promise<Omit<Admin, "subscribe">> | undefined
  const load = () => loading ??= import("./methods.ts").then(({ createMethods }) => createMethods(core))
  return {
    accounts: async (query) => (await load()).accounts(query),
    account: async (key) => (await load()).account(key),
    setAccount: async (key, input) => (await load()).setAccount(key, input),
    spend: async (key, input) => (await load()).spend(key, input),
    topUp: async (key, input) => (await load()).topUp(key, input),
    history: async (key) => (await load()).history(key),
    plan: async (key) => (await load()).plan(key),
    setPlan: async (key, input) => (await load()).setPlan(key, input),
    clock: async (key) => (await load()).clock(key),
    freeze: async (key, input) => (await load()).freeze(key, input),
    advance: async (key, input) => (await load()).advance(key, input),
    resume: async (key, input) => (await load()).resume(key, input),
    requests: async (query) => (await load()).requests(query),
    countRequests: async (filter) => (await load()).countRequests(filter),
    findRequests: async (filter) => (await load()).findRequests(filter),
    summarize: async (query) => (await load()).summarize(query),
    verify: async (input) => (await load()).verify(input),
    clearRequests: async (query) => (await load()).clearRequests(query),
    reset: async (query) => (await load()).reset(query),
    settings: async () => (await load()).settings(),
    setSettings: async (input) => (await load()).setSettings(input),
    health: async () => (await load()).health(),
    ready: async () => (await load()).ready(),
    version: async () => (await load()).version(),
    subscribe: (listener) => core.events.subscribe(listener)
  }
}
