/** SIGTERM ends a program within two seconds, however Redis is silent. */
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import * as guarded from "../support/guarded.ts"
import { freePort, startRedis } from "../support/redisServer.ts"
import type { Orders } from "./support/service.ts"
import { scenario, type Trial } from "./support/trial.ts"

const service = (orders: Orders) =>
  guarded.start(process.execPath, [
    "--no-warnings",
    fileURLToPath(new URL("support/service.ts", import.meta.url)),
    JSON.stringify(orders)
  ])

const endsInTime = async (trial: Trial, program: guarded.Guarded) => {
  const asked = performance.now()
  program.kill("SIGTERM")
  await program.exited
  const took = Math.round(performance.now() - asked)
  trial.control(took < 2000, `it ended ${took} ms after SIGTERM`)
}

const programs: ReadonlyArray<
  readonly [use: Orders["use"], jobs: number, when: "at once" | "after it gave up a command"]
> = [
  ["budget", 0, "after it gave up a command"],
  ["budget", 1, "at once"],
  ["budget", 20, "after it gave up a command"],
  ["cache", 0, "after it gave up a command"],
  ["both", 20, "at once"]
]

for (const silence of ["refuses", "hangs"]) {
  for (const [use, jobs, when] of programs) {
    const name = `a Redis that ${silence}: a program with ${use === "both" ? "a budget and a cache" : `a ${use}`}`
    scenario(`${name}, ${jobs} jobs under way, ends ${when}`, async (trial) => {
      const redis = trial.use(await startRedis())
      const program = trial.use(await service({ by: "address", port: redis.port, use, jobs }))
      await program.printed((output) => output.includes("ready"))
      if (silence === "hangs") redis.pause()
      else await redis.kill()
      if (when !== "at once") await program.printed((output) => output.includes("given up"))
      await endsInTime(trial, program)
    })
  }

  scenario(`a Redis that ${silence}: a program on a cluster ends`, async (trial) => {
    const redis = trial.use(await startRedis({ args: ["--cluster-enabled", "yes"] }))
    await redis.cli("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
    await trial.until(
      "the cluster is up",
      async () => (await redis.cli("CLUSTER", "INFO")).includes("cluster_state:ok")
    )
    const program = trial.use(await service({ by: "cluster", port: redis.port, use: "both", jobs: 1 }))
    await program.printed((output) => output.includes("ready"))
    if (silence === "hangs") redis.pause()
    else await redis.kill()
    await program.printed((output) => output.includes("given up"))
    await endsInTime(trial, program)
  })

  scenario(`a Redis that ${silence}: a program behind a sentinel ends`, async (trial) => {
    const redis = trial.use(await startRedis())
    const port = await freePort()
    const file = join(redis.directory, "sentinel.conf")
    await writeFile(
      file,
      `port ${port}\nbind 127.0.0.1\ndir ${redis.directory}\nsentinel monitor mymaster 127.0.0.1 ${redis.port} 1\n`
    )
    const sentinel = trial.use(await guarded.start("redis-server", [file, "--sentinel"]))
    await sentinel.printed((log) => log.includes("+monitor"))
    const program = trial.use(await service({ by: "sentinel", port, use: "both", jobs: 1 }))
    await program.printed((output) => output.includes("ready"))
    sentinel.kill(silence === "hangs" ? "SIGSTOP" : "SIGKILL")
    if (silence === "hangs") redis.pause()
    else await redis.kill()
    await program.printed((output) => output.includes("given up"))
    await endsInTime(trial, program)
  })
}
