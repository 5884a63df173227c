#!/usr/bin/env node
import * as nodeModule from "node:module"

// Before anything else is loaded, so that all of it is kept compiled for the next start. Node 20 and Deno cannot.
if ("enableCompileCache" in nodeModule) nodeModule.enableCompileCache()
const { run } = await import("./cli/run.ts")
await run(process.argv.slice(2), process.env)
