import { assert, describe, it } from "@effect/vitest"
import { CreditBalance } from "@effect-pollo/client"
import { BalanceWatch } from "@effect-pollo/client/BalanceWatch"
import { DateTime, Effect } from "effect"
import * as fc from "fast-check"
import { execFileSync, spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import manifest from "../../package.json" with { type: "json" }
import { type Known, type Outcome } from "../../src/exporter/account.ts"
import { counters, expose, gauges, infos } from "../../src/exporter/metrics.ts"

const hasPromtool = spawnSync("promtool", ["--version"]).status === 0
const monitoring = (name: string) => fileURLToPath(new URL(`../../monitoring/${name}`, import.meta.url))

const observation = (minute: number, availableCredits: number): BalanceWatch.Observation => ({
  at: DateTime.makeUnsafe(minute * 60_000),
  balance: new CreditBalance({ availableCredits, totalCredits: 2000 })
})
const outcomes = { Success: 3, PolloTimeout: 0 } as Readonly<Record<Outcome, number>>

const known = (account: string, figures: ReadonlyArray<number>): Known => {
  const observations = figures.map((figure, minute) => observation(minute, figure))
  return {
    account,
    reading: observations.at(-1),
    stale: figures.length === 0,
    forecast: figures.length === 0 ? undefined : BalanceWatch.forecast(observations),
    outcomes
  }
}

const exposed = (...accounts: ReadonlyArray<Known>) => Effect.runSync(expose(accounts))
const samples = (text: string) => text.split("\n").filter((line) => line !== "" && !line.startsWith("#"))

describe("the metrics", () => {
  it("are in base units, with a forecast and its bounds", () => {
    assert.deepStrictEqual(samples(exposed(known("a", [1000, 940, 880, 820, 760]))), [
      `pollo_exporter_build_info{version="${manifest.version}"} 1`,
      "pollo_credits_available{account=\"a\"} 760",
      "pollo_credits_total{account=\"a\"} 2000",
      "pollo_credits_observed_timestamp_seconds{account=\"a\"} 240",
      "pollo_credits_stale{account=\"a\"} 0",
      "pollo_credits_burn_credits_per_second{account=\"a\"} 1",
      "pollo_credits_burn_low_credits_per_second{account=\"a\"} 1",
      "pollo_credits_burn_high_credits_per_second{account=\"a\"} 1",
      "pollo_credits_empty_in_seconds{account=\"a\"} 760",
      "pollo_credits_empty_in_earliest_seconds{account=\"a\"} 760",
      "pollo_credits_empty_in_latest_seconds{account=\"a\"} 760",
      "pollo_client_outcomes_total{account=\"a\",outcome=\"Success\"} 3",
      "pollo_client_outcomes_total{account=\"a\",outcome=\"PolloTimeout\"} 0"
    ])
  })

  it("leave out what is not known", () => {
    const text = exposed(known("a", []))
    assert.deepStrictEqual(samples(text).slice(1, 2), ["pollo_credits_stale{account=\"a\"} 1"])
    assert.notInclude(text, "NaN")
    assert.notInclude(text, "pollo_credits_available")
  })

  it("say that a balance which nobody spends lasts for ever", () => {
    assert.include(exposed(known("a", [5, 5, 5, 5])), "pollo_credits_empty_in_seconds{account=\"a\"} +Inf\n")
  })

  it("forget what was known in another scrape", () => {
    exposed(known("a", [5]))
    assert.notInclude(exposed(known("b", [5])), "\"a\"")
  })

  it("give each account its own label, whatever is in its name", () => {
    fc.assert(fc.property(
      fc.uniqueArray(fc.string({ unit: "grapheme", minLength: 1 }).map((name) => name.toWellFormed()), {
        minLength: 1
      }),
      (names) => {
        const lines = samples(exposed(...names.map((name, index) => known(name, [index]))))
        const seen = lines.flatMap((line) => {
          const [, label = "", figure] = /^pollo_credits_available\{account="((?:[^"\\]|\\.)*)"\} (\d+)$/.exec(line) ??
            []
          return figure === undefined ? [] : [[unescaped(label), Number(figure)]]
        })
        assert.deepStrictEqual(seen, names.map((name, index) => [name, index]))
        assert.isTrue(lines.every((line) => /^[a-z_]+\{.*\} \S+$/s.test(line)))
      }
    ))
  })

  it.skipIf(!hasPromtool)("have names that promtool finds nothing about (skipped without promtool)", () => {
    const input = exposed(known("a \"quoted\"\nline \\", [1000, 940, 880, 820, 760]), known("новый", []))
    assert.strictEqual(execFileSync("promtool", ["check", "metrics"], { input, encoding: "utf8" }), "")
  })
})

const unescaped = (label: string): string => label.replaceAll(/\\(.)/g, (_, mark) => mark === "n" ? "\n" : mark)

describe("what ships beside the exporter", () => {
  const served = new Set([...Object.keys(gauges), ...Object.keys(counters), ...Object.keys(infos)])

  it.each(["alerts.yml", "alerts.test.yml", "dashboard.json"])("%s names metrics that it serves alone", (name) => {
    const named = readFileSync(monitoring(name), "utf8").match(/\bpollo_\w+/g) ?? []
    assert.isAbove(named.length, 5)
    assert.deepStrictEqual(named.filter((metric) => !served.has(metric)), [])
  })

  it("the dashboard shows every metric of an account", () => {
    const text = readFileSync(monitoring("dashboard.json"), "utf8")
    for (const name of [...Object.keys(gauges), ...Object.keys(counters)]) assert.include(text, name)
  })

  it("is in the package", () => {
    assert.include(manifest.files, "monitoring")
  })

  it.skipIf(!hasPromtool)("the alerts fire when they should and not before (skipped without promtool)", () => {
    assert.include(
      execFileSync("promtool", ["check", "rules", monitoring("alerts.yml")], { encoding: "utf8" }),
      "SUCCESS"
    )
    assert.include(
      execFileSync("promtool", ["test", "rules", monitoring("alerts.test.yml")], { encoding: "utf8" }),
      "SUCCESS"
    )
  })
})
