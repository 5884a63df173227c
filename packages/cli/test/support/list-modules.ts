/** Loaded before a program: writes the address of every module that it loads to standard error. */
import { registerHooks } from "node:module"

registerHooks({
  load: (url, context, next) => {
    process.stderr.write(`${url}\n`)
    return next(url, context)
  }
})
