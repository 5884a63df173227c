import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import { bin, run } from "./support/cli.ts"

const listing = fileURLToPath(new URL("support/list-modules.ts", import.meta.url))

/** Every module that a run loads, by its path. */
const loadedBy = async (...args: ReadonlyArray<string>): Promise<ReadonlyArray<string>> => {
  const { stderr } = await run(args, { node: ["--import", listing] })
  return stderr.split("\n").filter((line) => line.startsWith("file:"))
}

describe("start-up", () => {
  it("loads no HTTP client, no schema of the client and no other command for help", async () => {
    const loaded = await loadedBy("balance", "--help")
    expect(loaded.some((url) => url.endsWith("/cli/Command.js"))).toBe(true)
    for (const module of ["/http/HttpClient.js", "/PolloCredits.ts", "/src/balance.ts", "/src/check/check.ts"]) {
      expect(loaded.filter((url) => url.endsWith(module))).toEqual([])
    }
  })

  it("loads no server, no metrics and no client of Redis for a command without them", async () => {
    for (const args of [["balance"], ["watch", "--help"], ["exporter", "--help"], ["budget", "free", "--help"]]) {
      const loaded = await loadedBy(...args)
      expect(loaded.some((url) => url.endsWith("/cli/Command.js"))).toBe(true)
      expect(
        loaded.filter((url) =>
          /NodeHttpServer|PrometheusMetrics|\/ws\/|\/HttpRouter|\/src\/(exporter|budget)\/|\/@?redis\//.test(url)
        )
      ).toEqual([])
    }
  })

  it("never loads a barrel of effect or of its Node platform", async () => {
    const loaded = await loadedBy("balance")
    expect(loaded.some((url) => url.endsWith("/PolloCredits.ts"))).toBe(true)
    expect(loaded.filter((url) => /\/(effect|platform-node)\/dist\/(\w+\/)?index\.js$/.test(url))).toEqual([])
  })

  it("takes well under twice the time of Node and the import of effect", () => {
    const millis = (...args: ReadonlyArray<string>): number => {
      const started = performance.now()
      spawnSync(process.execPath, args, { cwd: import.meta.dirname })
      return performance.now() - started
    }
    const ours: Array<number> = []
    const effect: Array<number> = []
    // Turn by turn, and the best of each: whatever else the machine does falls on both.
    for (let round = 0; round < 7; round++) {
      ours.push(millis(bin, "--version"))
      effect.push(millis("--input-type=module", "--eval", "import \"effect\""))
    }
    expect(Math.min(...ours) / Math.min(...effect)).toBeLessThan(1.6)
  })
})
