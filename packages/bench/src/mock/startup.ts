/**
 * The time from the start of the process to the end of the first answer, minus the time that bare Node takes to start
 * and stop. A cold start is the very first one, which finds no compiled code.
 */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { atMost, type Section, show } from "../report.ts"
import { median } from "../statistics.ts"
import { bin, freePort } from "./contenders.ts"

const bareNode = async (): Promise<number> => {
  const before = performance.now()
  await once(spawn(process.execPath, ["--eval", "0"]), "exit")
  return performance.now() - before
}

const firstAnswer = async (cache: string): Promise<number> => {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}/api/platform/credit/balance`
  const before = performance.now()
  const child = spawn(process.execPath, [bin, "--port", String(port)], {
    env: { ...process.env, NODE_COMPILE_CACHE: cache },
    stdio: ["ignore", "pipe", "inherit"]
  })
  await once(child.stdout, "data")
  const response = await fetch(url, { headers: { "x-api-key": "bench" } })
  await response.text()
  const after = performance.now()
  if (response.status !== 200) throw new Error(`answered ${response.status}`)
  await sleep(200) // The server stores its compiled code after it listens.
  child.kill("SIGKILL")
  await once(child, "exit")
  return after - before
}

export const mockStartup = async (quick: boolean): Promise<Section> => {
  await fetch("http://127.0.0.1:1").catch(() => undefined) // Loads what fetch needs in this process.
  const warm = await mkdtemp(join(tmpdir(), "pollo-mock-warm-"))
  await firstAnswer(warm)
  const seen: { readonly bare: Array<number>; readonly warm: Array<number>; readonly cold: Array<number> } = {
    bare: [],
    warm: [],
    cold: []
  }
  for (let round = 0; round < (quick ? 5 : 15); round++) {
    const cold = await mkdtemp(join(tmpdir(), "pollo-mock-cold-"))
    seen.bare.push(await bareNode())
    seen.warm.push(await firstAnswer(warm))
    seen.cold.push(await firstAnswer(cold))
    await rm(cold, { recursive: true })
  }
  await rm(warm, { recursive: true })
  const bare = median(seen.bare)
  return {
    title: "The start of the mock server",
    text: "From the start of the process to the end of the first answer.",
    columns: ["", "ms", "ms beyond bare Node"],
    rows: Object.entries(seen).map(([name, millis]) => [name, show(median(millis)), show(median(millis) - bare)]),
    gates: [atMost("ms beyond bare Node to the first answer", median(seen.warm) - bare, 150)]
  }
}
