/** Every benchmark, one after the other: `pnpm bench:mock`. Exits with 1 when a promise of any is missed. */
import { spawnSync } from "node:child_process"
import { join } from "node:path"

for (const script of ["http.ts", "in-process.ts", "startup.ts", "memory.ts"]) {
  console.log(`\n${script}`)
  const { status } = spawnSync(process.execPath, ["--expose-gc", join(import.meta.dirname, script)], {
    stdio: "inherit"
  })
  if (status !== 0) process.exitCode = 1
}
