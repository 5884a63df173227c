#!/usr/bin/env node
import { enableCompileCache } from "node:module"

// Node then compiles the modules of effect once and not on every start. NODE_DISABLE_COMPILE_CACHE turns it off.
enableCompileCache()

// Where both are set Node warns, while it loads modules of its own, that NO_COLOR is ignored. Here it is not.
if (process.env["NO_COLOR"]) delete process.env["FORCE_COLOR"]

await import("./main.ts")
