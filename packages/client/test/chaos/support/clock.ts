/** A redis-server whose clock a test can set. */
import { spawnSync } from "node:child_process"
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type RedisServer, startRedis } from "../../support/redisServer.ts"
import type { Trial } from "./trial.ts"

/** The shim that gives the server its clock is compiled by the test. */
export const clockAvailable = process.platform === "linux" && spawnSync("cc", ["--version"]).status === 0

export interface ClockedRedis {
  readonly redis: RedisServer
  /** By how many seconds the server's clock differs from now on. */
  readonly set: (seconds: number) => Promise<void>
}

export const startClocked = async (trial: Trial, seconds: number): Promise<ClockedRedis> => {
  const directory = await mkdtemp(join(tmpdir(), "pollo-clock-"))
  trial.defer(() => rm(directory, { recursive: true, force: true }))
  const [shim, file] = [join(directory, "clock.so"), join(directory, "offset")]
  const compiled = spawnSync("cc", ["-shared", "-fPIC", "-O1", "-o", shim, join(import.meta.dirname, "clock.c")])
  if (compiled.status !== 0) throw new Error(`the clock does not compile: ${String(compiled.stderr)}`)
  const set = async (next: number) => {
    await writeFile(`${file}.next`, String(next))
    await rename(`${file}.next`, file)
  }
  await set(seconds)
  const redis = trial.use(await startRedis({ env: { LD_PRELOAD: shim, CLOCK_OFFSET_FILE: file } }))
  const told = Number((await redis.cli("TIME")).split("\n")[0])
  trial.control(Math.abs(told - Date.now() / 1000 - seconds) < 30, `the server's clock shows ${told}`)
  return { redis, set }
}
