/**
 * `pnpm release [--provenance]`: publishes the packages whose versions `pnpm changeset version` has set. Where the
 * manifest of the workspace has no address of the repository yet, it asks for it and ends: without one, what is on npm
 * would lead nowhere.
 */
import { spawnSync } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { createInterface } from "node:readline/promises"
import { addressed, mistakeIn } from "./address.ts"
import { bin, root, run } from "./packed.ts"

const file = join(root, "package.json")
const manifest: { readonly repository?: object } = JSON.parse(readFileSync(file, "utf8"))

const refuse = (why: string): never => {
  console.error(why)
  return process.exit(1)
}

if (manifest.repository === undefined) {
  if (!process.stdin.isTTY) {
    refuse("package.json names no repository. Run `pnpm release` in a terminal: it asks for it.")
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  const answer = (await terminal.question("The repository's address, as https://github.com/owner/name: ")).trim()
  terminal.close()
  const mistake = mistakeIn(answer)
  if (mistake !== undefined) refuse(mistake)
  writeFileSync(file, `${JSON.stringify(addressed(manifest, answer), null, 2)}\n`)
  run(bin("dprint"), ["fmt", "package.json"])
  refuse(
    "package.json names it now, and each package will when it is packed. Commit that, and run `pnpm release` again."
  )
}
if (run("git", ["status", "--porcelain"]) !== "") refuse("There are changes that are not committed.")

run("pnpm", ["build"])
const options = ["publish", "--recursive", "--access", "public", ...process.argv.slice(2)]
process.exitCode = spawnSync("pnpm", options, { cwd: root, stdio: "inherit" }).status ?? 1
if (process.exitCode === 0) run(bin("changeset"), ["tag"])
