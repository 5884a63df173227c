/**
 * Builds and packs each published package, lints the tarball, and uses it from an empty project: what a user installs
 * is what is checked.
 */
import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const root = join(import.meta.dirname, "..")
const packages = ["protocol", "client", "client-effect3", "mock-server", "cli"]
/** Used from a project of its own, as no program has both majors of Effect. */
const onEffect3 = "client-effect3"
const work = mkdtempSync(join(tmpdir(), "effect-pollo-"))

const run = (command: string, args: ReadonlyArray<string>, cwd = root): string => {
  try {
    return execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] })
  } catch (error) {
    if (error instanceof Error && "stdout" in error && "stderr" in error) {
      console.error(`${command} ${args.join(" ")}\n${error.stdout}\n${error.stderr}`)
    }
    throw error
  }
}
const bin = (name: string) => join(root, "node_modules/.bin", name)

const tarballs = packages.map((name) => {
  const folder = join(root, "packages", name)
  rmSync(join(folder, "dist"), { recursive: true, force: true })
  run(bin("tsc"), ["-p", join(folder, "tsconfig.build.json")])
  const [packed] = run("pnpm", ["pack", "--pack-destination", work], folder).match(/\S+\.tgz/) ?? []
  if (packed === undefined) throw new Error(`pnpm pack of ${name} named no tarball`)
  run(bin("publint"), [packed, "--strict"])
  run(bin("attw"), [packed, "--profile", "esm-only"])
  console.log(`${name}: packs and lints`)
  return packed
})

/** Every entry point that a package declares, bar the closed ones. */
const entryPoints = packages.filter((name) => name !== onEffect3).flatMap((name) => {
  const manifest: { readonly name: string; readonly exports: Readonly<Record<string, string | null>> } = JSON.parse(
    readFileSync(join(root, "packages", name, "package.json"), "utf8")
  )
  return Object.entries(manifest.exports)
    .filter(([path, target]) => target !== null && path !== "./package.json")
    .map(([path]) => join(manifest.name, path))
})

const project = join(work, "project")
mkdirSync(project)
writeFileSync(join(project, "package.json"), JSON.stringify({ name: "user", type: "module", private: true }))
// Packages that need each other must find the packed ones too, and the peers, optional ones too, in the versions used
// here.
const overrides = `overrides:\n${
  packages.map((name, index) => `  "@effect-pollo/${name}": "file:${tarballs[index]}"\n`).join("")
}`
writeFileSync(join(project, "pnpm-workspace.yaml"), overrides)
const versionOf = (name: string, indent = 2): string => {
  const [, version] = readFileSync(join(root, "pnpm-workspace.yaml"), "utf8").match(
    new RegExp(`^ {${indent}}"?${name}"?: (\\S+)$`, "m")
  ) ?? []
  return `${name}@${version}`
}
run(
  "pnpm",
  [
    "add",
    "--prefer-offline",
    ...["effect", "redis", "undici", "vitest"].map((name) => versionOf(name)),
    ...tarballs.filter((_, index) => packages[index] !== onEffect3)
  ],
  project
)
writeFileSync(
  join(project, "main.js"),
  `import { PolloCredits } from "@effect-pollo/client"
import { createMockServer } from "@effect-pollo/mock-server"
import { Effect, Layer, Redacted } from "effect"
import { FetchHttpClient } from "effect/http"
const server = await createMockServer().listen()
const layer = PolloCredits.layer({ apiKey: Redacted.make("mock_ok"), baseUrl: server.baseUrl })
const balance = await Effect.runPromise(PolloCredits.getBalance.pipe(Effect.provide(layer), Effect.provide(FetchHttpClient.layer)))
if (balance.availableCredits !== 1000) throw new Error("not the mock's balance")
for (const entry of ${JSON.stringify(entryPoints.filter((path) => !path.endsWith("/vitest")))}) await import(entry)
await server.close()
`
)
run(process.execPath, ["main.js"], project)
// What extends Vitest loads only inside of it.
writeFileSync(
  join(project, "main.test.js"),
  `import { expect, test } from "@effect-pollo/mock-server/vitest"
test("has a server", async ({ mock }) => {
  await fetch(mock.baseUrl + "/credit/balance", { headers: { "x-api-key": mock.key } })
  expect(mock).toHaveSeenStatuses(200)
})
`
)
run(join(project, "node_modules/.bin/vitest"), ["run"], project)
for (const name of ["pollo-mock", "pollo-credits"]) {
  run(join(project, "node_modules/.bin", name), ["--version"], project)
}
const project3 = join(work, "project3")
mkdirSync(project3)
writeFileSync(join(project3, "package.json"), JSON.stringify({ name: "user3", type: "module", private: true }))
writeFileSync(join(project3, "pnpm-workspace.yaml"), `${overrides}allowBuilds:\n  msgpackr-extract: false\n`)
run(
  "pnpm",
  [
    "add",
    "--prefer-offline",
    ...["effect", "@effect/platform"].map((name) => versionOf(name, 4)),
    ...tarballs.filter((_, index) => packages[index] === onEffect3 || packages[index] === "mock-server")
  ],
  project3
)
writeFileSync(
  join(project3, "main.js"),
  `import { PolloCredits } from "@effect-pollo/client-effect3"
import { createMockServer } from "@effect-pollo/mock-server"
import { FetchHttpClient } from "@effect/platform"
import { Effect, Layer, Redacted } from "effect"
const server = await createMockServer().listen()
const layer = PolloCredits.layer({ apiKey: Redacted.make("mock_ok"), baseUrl: server.baseUrl })
const balance = await Effect.runPromise(PolloCredits.getBalance.pipe(Effect.provide(layer), Effect.provide(FetchHttpClient.layer)))
if (balance.availableCredits !== 1000) throw new Error("not the mock's balance")
await server.close()
`
)
run(process.execPath, ["main.js"], project3)
rmSync(work, { recursive: true, force: true })
console.log(`${entryPoints.length} entry points load from the packed packages`)
