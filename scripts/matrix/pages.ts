/** Builds the site and reads each of its pages in Chromium: axe finds nothing, all fits its width, the search finds. */
import { execFileSync } from "node:child_process"

execFileSync("pnpm", ["run", "docs:check"], { stdio: "inherit" })
