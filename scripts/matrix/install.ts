/**
 * Installs the packed packages with npm and pnpm beside what projects have: Vitest 3.2 to 5, Effect 3, Effect 4.1 and
 * newer versions that nobody published yet. Nobody is refused or warned, no program gets two copies of Effect or Hono,
 * and a test file runs in each. An argument, such as `"npm Vitest"`, chooses some of them.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { packAll } from "../packed.ts"
import * as programs from "./programs.ts"
import { complaintsIn, copiesOf, install, type Manager, output, write } from "./project.ts"
import { newerVersion, startRegistry } from "./registry.ts"

interface Case {
  readonly name: string
  readonly packages: ReadonlyArray<string>
  /** Gets packages that nobody published yet. */
  readonly newer?: boolean
  readonly files: Readonly<Record<string, string>>
  /** Programs to start with Node. */
  readonly run: ReadonlyArray<string>
  readonly vitest?: boolean
  /** That this version of a package is there, once. */
  readonly expect?: Readonly<Record<string, string>>
}

const mock = "@effect-pollo/mock-server"
const testFile = { "mock.test.ts": programs.vitestFile }

const cases: ReadonlyArray<Case> = [
  ...["3.2", "4", "5"].map((version) => ({
    name: `Vitest ${version}`,
    packages: [mock, `vitest@${version}`],
    files: testFile,
    run: [],
    vitest: true
  })),
  {
    name: "Effect 3",
    packages: ["@effect-pollo/client-effect3", "effect@3", "@effect/platform", mock, "vitest@4"],
    files: { ...testFile, "main.mjs": programs.effect3 },
    run: ["main.mjs"],
    vitest: true
  },
  {
    name: "Effect 4.1",
    packages: ["@effect-pollo/client", "effect@4.1.0", mock, "@effect-pollo/cli", "vitest@5"],
    files: { ...testFile, "main.mjs": programs.effect4 },
    run: ["main.mjs"],
    vitest: true
  },
  {
    name: "A newer Effect 4 and Hono 4",
    packages: ["effect", "hono", "@effect-pollo/client", mock, "@effect-pollo/cli"],
    newer: true,
    files: { "main.mjs": programs.effect4 },
    run: ["main.mjs"],
    expect: { effect: "4.1.99", hono: "4.99.0" }
  },
  {
    name: "Older redis and undici, for other uses",
    packages: ["@effect-pollo/client", "effect", "redis@4", "undici@6", mock],
    files: { "main.mjs": programs.effect4 },
    run: ["main.mjs"]
  }
]

const work = mkdtempSync(join(tmpdir(), "effect-pollo-install-"))
const packed = packAll(work)
const today = await startRegistry(packed, [])
const later = await startRegistry(packed, [
  newerVersion("effect", "4.1.99", work),
  newerVersion("hono", "4.99.0", work)
])

const problemsOf = async (each: Case, manager: Manager): Promise<ReadonlyArray<string>> => {
  const folder = join(work, `${manager}-${cases.indexOf(each)}`)
  write(folder, each.files)
  const said = await install(folder, manager, each.newer === true ? later.url : today.url, each.packages)
  const problems = [...complaintsIn(said)]
  for (const name of ["effect", "hono"]) {
    const copies = copiesOf(folder, name)
    if (copies.length > 1) problems.push(`${copies.length} copies of ${name}: ${copies.join(", ")}`)
  }
  for (const [name, version] of Object.entries(each.expect ?? {})) {
    const [copy] = copiesOf(folder, name)
    const found = await output("node", ["-p", `require("./${copy}/package.json").version`], folder)
    if (found.trim() !== version) problems.push(`${name} ${found.trim()} and not ${version}`)
  }
  for (const program of each.run) await output("node", [program], folder)
  if (each.vitest === true) {
    const report = await output(join(folder, "node_modules/.bin/vitest"), ["run", "--no-color"], folder, {
      NO_COLOR: "1"
    })
    if (!/Tests\s+4 passed \(4\)/.test(report)) problems.push(report)
  }
  return problems
}

const [only = ""] = process.argv.slice(2)
let failed = 0
try {
  for (const each of cases) {
    for (const manager of ["npm", "pnpm"] as const) {
      if (!`${manager} ${each.name}`.includes(only)) continue
      const problems = await problemsOf(each, manager).catch((error: unknown) => [String(error)])
      console.log(`${problems.length === 0 ? "ok    " : "FAILED"} ${manager.padEnd(4)} ${each.name}`)
      for (const problem of problems) console.log(problem.replaceAll(/^/gm, "       "))
      if (problems.length > 0) failed++
    }
  }
} finally {
  today.close()
  later.close()
  rmSync(work, { recursive: true, force: true })
}
if (failed > 0) process.exit(1)
