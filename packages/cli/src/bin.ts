#!/usr/bin/env node
import { enableCompileCache } from "node:module"

// Node then compiles the modules of effect once and not on every start. NODE_DISABLE_COMPILE_CACHE turns it off.
enableCompileCache()
await import("./main.ts")
