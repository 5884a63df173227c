/** Loaded before a program: the mock server cannot be found, as in an installation without it. */
import { registerHooks } from "node:module"

registerHooks({
  resolve: (specifier, context, next) =>
    next(
      specifier,
      specifier === "@effect-pollo/mock-server/cli" ? { ...context, parentURL: "file:///none.js" } : context
    )
})
