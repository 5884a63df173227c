/** The sizes of bundles for a browser. `pnpm check:size` fails when one is over its limit. */
import { atMost, type Gate, type Section } from "../report.ts"
import { barrelProgram, bundledBytes, deepProgram } from "./bundle.ts"

const kib = (bytes: number): string => (bytes / 1024).toFixed(1)

const gate = (what: string, bytes: number, limit: number): Gate =>
  atMost(what, bytes / 1024, Number((limit / 1024).toFixed(1)))

/**
 * The limit for the program without effect; its import statements of effect's modules are included. A twelfth of this
 * is the search for the key in every encoding in which a server may echo it. The vendor's codes, the dates of HTTP, and
 * the environment variables take a twentieth each.
 */
const ownLimit = 11.5 * 1024

/**
 * Bytes of each entry point with effect in version 0.1.0, and by which factor it may have grown since. The budget now
 * has limits, reports spending that it does not know and shows its holds, and on Redis all of that is in Lua too.
 */
const entries: ReadonlyArray<readonly [path: string, bytes: number, growth: number]> = [
  ["", 50_882, 1.08],
  ["/BalanceCache", 53_221, 1.08],
  ["/BalanceCacheRedis", 61_820, 1.08],
  ["/BalanceWatch", 54_686, 1.08],
  ["/CreditBudget", 57_078, 1.2],
  ["/CreditBudgetRedis", 61_378, 1.35],
  ["/testing", 52_426, 1.08]
]

export const size = async (): Promise<Section> => {
  const deep = await bundledBytes(deepProgram, "with effect")
  const own = await bundledBytes(deepProgram, "without effect")
  const barrel = await bundledBytes(barrelProgram, "with effect")
  const rows = [
    ["a program that reads the balance and handles each error", kib(deep), kib(own)],
    ["the same, importing effect's barrels", kib(barrel), ""]
  ]
  const gates = [
    gate("KiB of the program", deep, 56 * 1024),
    gate("KiB of the program without effect", own, ownLimit)
  ]
  for (const [path, before, growth] of entries) {
    const name = `@effect-pollo/client${path}`
    const all = `export * from "${name}"`
    const bytes = await bundledBytes(all, "with effect")
    rows.push([`all of \`${name}\``, kib(bytes), kib(await bundledBytes(all, "without effect"))])
    gates.push(gate(`KiB of \`${name}\``, bytes, before * growth))
  }
  return {
    title: "Size",
    text: "KiB (1,024 bytes), bundled by esbuild, minified and gzipped.",
    columns: ["", "with effect", "without"],
    rows,
    gates
  }
}
