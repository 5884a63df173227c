/**
 * Builds and packs each published package, lints the tarball, and uses it from an empty project: what a user installs
 * is what is checked.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { bin, entryPointsOf, packAll, published, root, run } from "./packed.ts"

/** Used from a project of its own, as no program has both majors of Effect. */
const onEffect3 = "client-effect3"
const work = mkdtempSync(join(tmpdir(), "effect-pollo-"))

const packed = packAll(work)
for (const { file, package: name } of packed) {
  run(bin("publint"), [file, "--strict"])
  run(bin("attw"), [file, "--profile", "esm-only"])
  console.log(`${name}: packs and lints`)
}

const entryPoints = published.filter((name) => name !== onEffect3).flatMap(entryPointsOf)

const project = join(work, "project")
mkdirSync(project)
writeFileSync(join(project, "package.json"), JSON.stringify({ name: "user", type: "module", private: true }))
// Packages that need each other must find the packed ones too, and the peers, optional ones too, in the versions used
// here.
const overrides = `overrides:\n${
  packed.map(({ file, package: name }) => `  "@effect-pollo/${name}": "file:${file}"\n`).join("")
}`
writeFileSync(join(project, "pnpm-workspace.yaml"), overrides)
/** The version that a package of the workspace uses: `effect@4.1.0`. */
const versionIn = (user: string, name: string): string => {
  const manifest: { readonly version: string } = JSON.parse(
    readFileSync(join(root, "packages", user, "node_modules", name, "package.json"), "utf8")
  )
  return `${name}@${manifest.version}`
}
run(
  "pnpm",
  [
    "add",
    "--prefer-offline",
    ...["effect", "redis", "undici", "vitest"].map((name) => versionIn("client", name)),
    ...packed.filter(({ package: name }) => name !== onEffect3).map(({ file }) => file)
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
    ...["effect", "@effect/platform"].map((name) => versionIn(onEffect3, name)),
    ...packed.filter(({ package: name }) => name === onEffect3 || name === "mock-server").map(({ file }) => file)
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
