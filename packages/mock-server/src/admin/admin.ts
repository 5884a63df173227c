import type { Core } from "../vendor/core.ts"
import { methodsOf } from "./calls.ts"
import type { Admin, CallName, Promised } from "./admin-calls.ts"

type Perform = (name: CallName, args: ReadonlyArray<unknown>) => unknown

/** The admin API as methods. The first call loads the code behind them, which most programs never need. */
export const createAdmin = (core: Core): Admin => {
  let loading: Promise<Perform> | undefined
  const load = () => loading ??= import("./operations.ts").then(({ performer }) => performer(core))
  return {
    ...methodsOf<Promised>((name) => async (...args) => (await load())(name, args)),
    subscribe: (listener) => core.events.subscribe(listener)
  }
}
