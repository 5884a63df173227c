/**
 * The time from the start of a process to its end, with one read of the balance. The client is used as it is published:
 * built, and in `node_modules`.
 */
import { build } from "esbuild"
import { execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { baseUrlOf } from "../call/read.ts"
import { startServer } from "../call/processes.ts"
import { atMost, type Section, show, showSpread } from "../report.ts"
import { median, spreadOf } from "../statistics.ts"
import { type Program, programs } from "./programs.ts"

/** The folder of a package, as a module at `from` finds it. */
const packageOf = (name: string, from = import.meta.filename): string =>
  dirname(createRequire(from).resolve(`${name}/package.json`))

/** Builds a workspace package and everything of the workspace that it needs into `node_modules` of a folder. */
const install = (name: string, folder: string, from = import.meta.filename): void => {
  const source = packageOf(name, from)
  const target = join(folder, "node_modules", name)
  mkdirSync(target, { recursive: true })
  const tsc = join(packageOf("typescript"), "bin/tsc")
  execFileSync(process.execPath, [tsc, "-p", join(source, "tsconfig.build.json"), "--outDir", join(target, "dist")])
  const manifest = JSON.parse(readFileSync(join(source, "package.json"), "utf8"))
  writeFileSync(join(target, "package.json"), JSON.stringify({ ...manifest, exports: manifest.publishConfig.exports }))
  for (const needed of Object.keys(manifest.dependencies ?? {})) {
    if (needed.startsWith("@effect-pollo/")) install(needed, folder, join(source, "package.json"))
  }
}

const millisOf = async (script: string, baseUrl: string): Promise<number> => {
  const started = performance.now()
  const child = spawn(process.execPath, [script, baseUrl], { stdio: ["ignore", "pipe", "inherit"] })
  const [code] = await once(child, "exit")
  if (code !== 0) throw new Error(`${script} ended with ${code}`)
  return performance.now() - started
}

export const start = async (quick: boolean, progress: (text: string) => void): Promise<Section> => {
  const launches = quick ? 7 : 21
  const folder = mkdtempSync(join(tmpdir(), "pollo-start-"))
  await using server = await startServer()
  try {
    progress("start: building")
    install("@effect-pollo/client", folder)
    symlinkSync(realpathSync(packageOf("effect")), join(folder, "node_modules/effect"))
    const scripts: Array<{ readonly name: string; readonly script: string; readonly millis: Array<number> }> = []
    const add = (name: string, script: string) => scripts.push({ name, script, millis: [] })
    for (const [name, text] of Object.entries(programs)) {
      const script = join(folder, `${scripts.length}.mjs`)
      writeFileSync(script, text)
      add(name, script)
    }
    for (const { name, script } of scripts.slice(1)) {
      const outfile = script.replace(".mjs", ".bundle.mjs")
      await build({ entryPoints: [script], outfile, bundle: true, minify: true, format: "esm", platform: "node" })
      add(`${name}, bundled`, outfile)
    }
    progress(`start: ${launches} launches each`)
    for (let launch = -1; launch < launches; launch++) {
      for (const { millis, script } of launch % 2 === 0 ? scripts : scripts.toReversed()) {
        const taken = await millisOf(script, baseUrlOf(server.url))
        if (launch >= 0) millis.push(taken)
      }
    }
    const millis = (name: string) => scripts.find((script) => script.name === name)?.millis ?? []
    const bare: Program = "bare fetch"
    const deep: Program = "ours, deep imports"
    const ratio = (name: string) =>
      spreadOf(millis(name).map((taken, launch) => taken / (millis(bare)[launch] ?? Number.NaN)))
    return {
      title: "Start",
      text: `From the start of a process to its end with one balance read, median of ${launches} launches.`,
      columns: ["", "to bare fetch", "ms"],
      rows: scripts.map(({ name, millis }) => [name, showSpread(ratio(name)), show(median(millis))]),
      gates: [
        atMost("ours, bundled, to bare fetch", ratio(`${deep}, bundled`), 1.45),
        atMost("ours, deep imports, to bare fetch", ratio(deep), 4)
      ]
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
