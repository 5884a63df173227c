/** Machines that die or stand still, a clock that is wrong, and many jobs at once. */
import { setTimeout } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import * as guarded from "../support/guarded.ts"
import { startRedis } from "../support/redisServer.ts"
import { address } from "./support/address.ts"
import { clockAvailable, startClocked } from "./support/clock.ts"
import { lease, machine } from "./support/machine.ts"
import type { Orders } from "./support/machineProcess.ts"
import { scenario } from "./support/trial.ts"

const hasStarted = (output: string): boolean => /^started$/m.test(output)

const machineProcess = (orders: Orders) =>
  guarded.start(process.execPath, [
    "--no-warnings",
    fileURLToPath(new URL("support/machineProcess.ts", import.meta.url)),
    JSON.stringify(orders)
  ])

scenario("a machine is killed: what it held is free some leases later, and no earlier", async (trial) => {
  const redis = trial.use(await startRedis())
  const b = machine(trial, redis.url)
  await b.ready()
  const victim = trial.use(await machineProcess({ url: redis.url, lease, credits: 60 }))
  await victim.printed(hasStarted)
  const ended = trial.started(60)
  victim.kill("SIGKILL")
  await victim.exited
  // Its last request may still be charged for a lease.
  for (const until = Date.now() + lease / 2; Date.now() < until;) {
    trial.control((await b.ask(41)) !== "ran", "B got more than the dead machine leaves")
    await setTimeout(50)
  }
  await trial.until("B gets what the dead machine leaves", async () => (await b.ask(40)) === "ran")
  ended()
  await trial.until("what the dead machine held is free", async () => (await b.ask(100)) === "ran")
})

scenario("a machine stands still while its admission is answered, and starts no job later", async (trial) => {
  const redis = trial.use(await startRedis())
  const front = trial.use(await address(redis.port))
  const b = machine(trial, redis.url)
  await b.ready()
  const paused = trial.use(
    await machineProcess({ url: front.url, lease, credits: 60, readingTakes: 300 })
  )
  // It has its ticket. The answer to its admission is on its way for ever, and meanwhile the machine stops.
  await paused.printed((output) => output.split("reading").length > 2)
  front.hold()
  await trial.until("the machine is admitted", async () => (await b.status()).reserved === 60)
  paused.kill("SIGSTOP")
  front.letGo()
  await trial.until("what it holds is free", async () => (await b.ask(100)) === "ran")
  const all = await b.hold(100)
  paused.kill("SIGCONT")
  await paused.printed((output) => hasStarted(output) || output.includes("ended"))
  // All 100 credits are another's by now.
  if (hasStarted(paused.output())) trial.started(60)
  trial.check()
  await all.release()
  await trial.until("nothing is left of it", async () => (await b.ask(100)) === "ran")
})

for (const seconds of [3600, -3600]) {
  const wrong = seconds > 0 ? "an hour ahead" : "an hour behind"
  scenario(`the clock of Redis is ${wrong} and is put right: nothing is held for longer`, async (trial) => {
    const { redis, set } = await startClocked(trial, seconds)
    const [a, b] = [machine(trial, redis.url), machine(trial, redis.url)]
    await Promise.all([a.ready(), b.ready()])
    const hold = await a.hold(60)
    const victim = trial.use(await machineProcess({ url: redis.url, lease, credits: 30 }))
    await victim.printed(hasStarted)
    const ended = trial.started(30)
    trial.control((await b.ask(11)) !== "ran", "B was admitted to what others hold")
    victim.kill("SIGKILL")
    await victim.exited
    // Going back costs nothing; a jump ahead ends leases until each machine has said what it holds.
    if (seconds > 0) await set(0)
    trial.control((await b.ask(41)) !== "ran", "B was admitted beside A")
    ended()
    await trial.until("what the dead machine held is free", async () => {
      trial.control((await b.ask(41)) !== "ran", "B was admitted beside A")
      return (await b.ask(40)) === "ran"
    })
    await hold.release()
    await trial.until("all is free", async () => (await b.ask(100)) === "ran")
  }, { skipped: clockAvailable ? false : "needs a C compiler on Linux" })
}

scenario("seven hundred jobs on one machine end while their leases are renewed", async (trial) => {
  trial.balance = 700
  const redis = trial.use(await startRedis())
  const [a, b] = [machine(trial, redis.url), machine(trial, redis.url)]
  await Promise.all([a.ready(), b.ready()])
  const holds = await Promise.all(Array.from({ length: 700 }, () => a.hold(1)))
  trial.control((await b.ask(1)) !== "ran", "B was admitted beside A")
  // Ends fall into each moment of a renewal, over two of them.
  const ends = holds.slice(0, 600).map(async (hold, number) => {
    await setTimeout((number * lease) / 900)
    await hold.release()
  })
  await Promise.all(ends)
  // What has ended goes with the next reading.
  trial.control((await b.ask(601)) !== "ran", "B got more than A leaves")
  // What has ended goes with the next reading.
  trial.control((await b.ask(601)) !== "ran", "B got more than A leaves")
  const { reserved } = await b.status()
  trial.control(reserved === 100, `${reserved} credits are held for 100 jobs`)
  await trial.until("B gets what A leaves", async () => (await b.ask(600)) === "ran")
  await Promise.all(holds.slice(600).map((hold) => hold.release()))
  await trial.until("all is free", async () => (await b.ask(700)) === "ran")
})
