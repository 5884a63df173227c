#!/usr/bin/env node
import * as nodeModule from "node:module"

/** The oldest Node that undici and Effect's platform package support. `engines` in the manifest says the same. */
const floor = { major: 22, minor: 19 }
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number)

// An older Node would fail with an error about a module that it cannot load.
if (major < floor.major || (major === floor.major && minor < floor.minor)) {
  console.error(`pollo-credits needs Node ${floor.major}.${floor.minor} or later, and this is ${process.versions.node}`)
  process.exit(3)
}

// Node then compiles the modules of effect once and not on every start. NODE_DISABLE_COMPILE_CACHE turns it off.
if ("enableCompileCache" in nodeModule) nodeModule.enableCompileCache()

// If both are set, Node warns that NO_COLOR is ignored, but this program does respect it.
if (process.env["NO_COLOR"]) delete process.env["FORCE_COLOR"]

await import("./main.ts")
