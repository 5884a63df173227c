/**
 * Runs the packed packages where people run them: Node from the oldest that they say to the newest, Bun, Deno, workerd
 * and Chromium, each with both clients against the faults of the mock server.
 */
import { build } from "esbuild"
import { chromium } from "playwright-core"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { chromiumPath } from "../chromium.ts"
import { packAll, root } from "../packed.ts"
import * as programs from "./programs.ts"
import { install, output, write } from "./project.ts"
import { startRegistry } from "./registry.ts"
import { putTable } from "./table.ts"
import { onWorkerd } from "./workerd.ts"

/** The floors that `engines` name, and the newest of each line that is in use. */
const nodes = ["20.19.0", "20", "22.19.0", "22", "24", "26"]
/** Those on which the command line says what it needs, and does no more. */
const tooOldForCli = new Set(["Node 20.19.0", "Node 20"])

const work = mkdtempSync(join(tmpdir(), "effect-pollo-runtimes-"))
const registry = await startRegistry(packAll(work), [])
const system = process.platform === "win32" ? "win" : process.platform

const effects = [
  { name: "client", packages: ["@effect-pollo/client", "effect@4", "@effect-pollo/cli"], scenario: programs.scenario4 },
  {
    name: "client-effect3",
    packages: ["@effect-pollo/client-effect3", "effect@3", "@effect/platform"],
    scenario: programs.scenario3
  }
]

const folderOf = (name: string): string => join(work, name)

let failed = 0
/** What the table says. Why something failed is printed. */
const cell = async (what: string, attempt: () => Promise<unknown>): Promise<string> => {
  try {
    await attempt()
    console.log(`ok     ${what}`)
    return "yes"
  } catch (error) {
    failed++
    console.log(`FAILED ${what}\n${String(error).replaceAll(/^/gm, "       ")}`)
    return "**no**"
  }
}

/** Each client starts the mock server in its own process, and meets its faults there. */
const onProcess = async (name: string, command: ReadonlyArray<string>): Promise<ReadonlyArray<string>> => {
  const [program = "", ...args] = command
  const cells: Array<string> = []
  for (const effect of effects) {
    const started = () => output(program, [...args, "main.mjs"], folderOf(effect.name))
    cells.push(await cell(`${name}: ${effect.name}, and the mock server`, started))
  }
  const bins = join(folderOf("client"), "node_modules/@effect-pollo")
  const version = (path: string) => () => output(program, [...args, join(bins, path), "--version"], work)
  cells.push(await cell(`${name}: pollo-mock`, version("mock-server/dist/src/bin.js")))
  const cli = version("cli/dist/bin.js")
  if (!tooOldForCli.has(name)) return [name, ...cells, await cell(`${name}: pollo-credits`, cli)]
  const saysWhy = await cell(`${name}: pollo-credits says what it needs`, async () => {
    const said = await cli().catch(String)
    if (!said.includes("pollo-credits needs Node 22.19 or later")) throw new Error(said)
  })
  return [name, ...cells, saysWhy === "yes" ? "no" : saysWhy]
}

/** One script with all that a page or a worker needs, whose `differences` is on the global object. */
const bundle = async (effect: (typeof effects)[number]): Promise<string> => {
  const entry = join(folderOf(effect.name), "bundle.mjs")
  writeFileSync(entry, `import { differences } from "./scenario.mjs"\nglobalThis.differences = differences\n`)
  const { outputFiles: [script] } = await build({ entryPoints: [entry], bundle: true, format: "esm", write: false })
  if (script === undefined) throw new Error("esbuild made no file")
  return script.text
}

const onChromium = async (baseUrl: string, script: string): Promise<void> => {
  if (chromiumPath === undefined) throw new Error("there is no Chromium: apt-get install chromium")
  const browser = await chromium.launch({ executablePath: chromiumPath, args: ["--no-sandbox", "--disable-gpu"] })
  try {
    const page = await browser.newPage()
    await page.goto(new URL("/__admin/health", baseUrl).href)
    await page.addScriptTag({ content: script, type: "module" })
    await page.waitForFunction(() => "differences" in globalThis)
    const found: unknown = await page.evaluate(
      (url: string) => Reflect.get(globalThis, "differences")(url, "chromium"),
      baseUrl
    )
    if (String(found) !== "") throw new Error(String(found))
  } finally {
    await browser.close()
  }
}

const rows: Array<ReadonlyArray<string>> = []
try {
  for (const { name, packages, scenario } of effects) {
    const folder = folderOf(name)
    write(folder, { "scenario.mjs": scenario, "main.mjs": scenario + programs.main })
    await install(folder, "npm", registry.url, [...packages, "@effect-pollo/mock-server"])
  }
  const binaries = folderOf("binaries")
  const aliases = nodes.map((version) => `node-${version}@npm:node-${system}-${process.arch}@${version}`)
  await install(binaries, "npm", registry.url, aliases)
  for (const version of nodes) {
    rows.push(await onProcess(`Node ${version}`, [join(binaries, "node_modules", `node-${version}`, "bin/node")]))
  }
  const mockBin = join(root, "packages/mock-server/node_modules/.bin")
  rows.push(await onProcess("Bun", [join(mockBin, "bun"), "run"]))
  rows.push(await onProcess("Deno", [join(mockBin, "deno"), "run", "--allow-all", "--no-lock"]))

  const { createMockServer } = await import(
    join(folderOf("client"), "node_modules/@effect-pollo/mock-server/dist/src/index.js")
  )
  const server = await createMockServer().listen()
  const elsewhere = { workerd: onWorkerd, Chromium: onChromium }
  for (const [name, attempt] of Object.entries(elsewhere)) {
    const cells: Array<string> = []
    for (const effect of effects) {
      const script = await bundle(effect)
      cells.push(await cell(`${name}: ${effect.name}`, () => attempt(server.baseUrl, script)))
    }
    rows.push([name, ...cells, "–", "–"])
  }
  await server.close()
} finally {
  registry.close()
  rmSync(work, { recursive: true, force: true })
}
putTable("runtimes", ["", "client", "client-effect3", "pollo-mock", "pollo-credits"], rows)
if (failed > 0) process.exit(1)
