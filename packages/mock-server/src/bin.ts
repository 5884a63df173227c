#!/usr/bin/env node
import * as nodeModule from "node:module"

// Called before anything else is loaded, so that all code is kept compiled for the next start. Node 20 and Deno have no
// such function.
if ("enableCompileCache" in nodeModule) nodeModule.enableCompileCache()
const { run } = await import("./cli/run.ts")
await run(process.argv.slice(2), process.env)
