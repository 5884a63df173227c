/** Loaded before a program: the mock server is there and does not load. */
import { registerHooks } from "node:module"

registerHooks({
  resolve: (specifier, context, next) => {
    if (specifier === "@effect-pollo/mock-server/cli") throw new Error("broken on purpose")
    return next(specifier, context)
  }
})
