/** A real Prometheus scrapes a real exporter. */
import { createMockServer } from "@effect-pollo/mock-server"
import { spawnSync } from "node:child_process"
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, it, vi } from "vitest"
import { start } from "../../../client/test/support/guarded.ts"
import { freePort } from "../../../client/test/support/redisServer.ts"
import { startExporter } from "../support/exporter.ts"

const available = spawnSync("prometheus", ["--version"]).status === 0

/** Scrapes that port again and again, with those rules, until it is disposed. */
const startPrometheus = async (target: number, rules: string) => {
  const folder = await mkdtemp(join(tmpdir(), "pollo-prometheus-"))
  await writeFile(join(folder, "rules.yml"), rules)
  await writeFile(
    join(folder, "prometheus.yml"),
    `global: { scrape_interval: 400ms, scrape_timeout: 400ms, evaluation_interval: 200ms }
rule_files: [rules.yml]
scrape_configs:
  - job_name: pollo-credits
    static_configs: [{ targets: ["127.0.0.1:${target}"] }]
`
  )
  const port = await freePort()
  const child = await start("prometheus", [
    `--config.file=${join(folder, "prometheus.yml")}`,
    `--storage.tsdb.path=${join(folder, "data")}`,
    `--web.listen-address=127.0.0.1:${port}`
  ])
  await child.printed((log) => log.includes("Server is ready to receive web requests"))
  const get = async (path: string, parameters: Record<string, string> = {}) => {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/${path}?${new URLSearchParams(parameters)}`)
    return await response.json()
  }
  return {
    /** The series that an expression gives now. */
    query: async (
      query: string
    ): Promise<ReadonlyArray<{ metric: Record<string, string>; value: [number, string] }>> => {
      const { data, error, status } = await get("query", { query })
      expect([status, error]).toEqual(["success", undefined])
      return data.result
    },
    alerts: async (): Promise<ReadonlyArray<{ labels: Record<string, string>; state: string }>> =>
      (await get("alerts")).data.alerts,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL")
      await child.exited
      await rm(folder, { recursive: true, force: true })
    }
  }
}

it.skipIf(!available)(
  "a Prometheus keeps the figures of every account, and its rules fire (skipped without prometheus)",
  { timeout: 60_000 },
  async () => {
    await using vendor = await createMockServer().listen()
    const folder = await mkdtemp(join(tmpdir(), "pollo-credits-"))
    const accountOf = async (name: string, key: string) => {
      await writeFile(join(folder, key), key, { mode: 0o600 })
      return `--account=${name}=${join(folder, key)}`
    }
    const odd = "team \"b\"\n\\"
    const accounts = await Promise.all([
      accountOf("team-a", "mock_ok"),
      accountOf(odd, "mock_low_balance"),
      accountOf("gone", "mock_unauthorized")
    ])
    await using exporter = await startExporter([...accounts, "--time-to-live", "100ms"], {
      env: { POLLO_BASE_URL: vendor.baseUrl }
    })
    // The shipped rules, told at once.
    const shipped = await readFile(new URL("../../monitoring/alerts.yml", import.meta.url), "utf8")
    await using prometheus = await startPrometheus(exporter.port, shipped.replaceAll(/^ +for: .*\n/gm, ""))

    await vi.waitFor(async () => {
      expect((await prometheus.alerts()).map(({ labels, state }) => [labels["alertname"], labels["account"], state]))
        .toEqual(expect.arrayContaining([
          ["PolloCreditsLow", odd, "firing"],
          ["PolloCreditsStale", "gone", "firing"],
          ["PolloCreditsKeyRefused", "gone", "firing"]
        ]))
    }, { timeout: 30_000, interval: 200 })
    const low = (await prometheus.alerts()).filter(({ labels }) => labels["alertname"] === "PolloCreditsLow")
    expect(low.map(({ labels }) => labels["account"])).toEqual([odd])

    await vi.waitFor(async () => {
      const [rounds] = await prometheus.query("count_over_time(pollo_credits_available{account=\"team-a\"}[1m])")
      expect(Number(rounds?.value[1])).toBeGreaterThan(5)
    }, { timeout: 15_000, interval: 200 })
    const [up] = await prometheus.query("min_over_time(up[1m])")
    expect(up?.value[1]).toBe("1")
    const figures = await prometheus.query("pollo_credits_available")
    expect(figures.map(({ metric, value }) => [metric["account"], value[1]])).toEqual(
      expect.arrayContaining([["team-a", "1000"], [odd, "5"]])
    )

    // Every expression of the dashboard is one.
    const dashboard: {
      readonly panels: ReadonlyArray<{ readonly targets: ReadonlyArray<{ readonly expr: string }> }>
    } = JSON.parse(await readFile(new URL("../../monitoring/dashboard.json", import.meta.url), "utf8"))
    for (const { expr } of dashboard.panels.flatMap(({ targets }) => targets)) {
      await prometheus.query(expr.replaceAll("$account", ".*"))
    }
    await rm(folder, { recursive: true })
  }
)
