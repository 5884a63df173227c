/**
 * Puts the pages of `docs/` that are about a package into its folder, so that its tarball has them: run by `prepack`,
 * in the folder of that package. Links to a page that is not shipped, and pictures, become their words.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { basename, dirname, join, normalize } from "node:path"

const root = join(import.meta.dirname, "..")
const mock = ["steps", "faults", "accounts", "journal", "admin", "in-code", "command-line"].map((name) =>
  `mock/${name}.md`
)
const pages: Readonly<Record<string, ReadonlyArray<string>>> = {
  client: ["start", "errors", "retries", "cache", "watch", "budget", "redis", "telemetry", "testing"].map((name) =>
    `${name}.md`
  ),
  "mock-server": mock,
  cli: ["cli.md"]
}

const folder = process.cwd()
const shipped = pages[basename(folder)]
if (shipped === undefined) throw new Error(`no pages are shipped with ${folder}`)

rmSync(join(folder, "docs"), { recursive: true, force: true })
for (const page of shipped) {
  const text = readFileSync(join(root, "docs", page), "utf8")
    .replaceAll(/!\[([^\]]*)\]\([^)]*\)/g, "(A picture on the site: $1.)")
    .replaceAll(/\[([^\]]+)\]\(([^)#]*)(#[^)]*)?\)/g, (link: string, words: string, path: string) => {
      const isHere = path === "" || path.startsWith("https:") || shipped.includes(normalize(join(dirname(page), path)))
      return isHere ? link : words
    })
  mkdirSync(dirname(join(folder, "docs", page)), { recursive: true })
  writeFileSync(join(folder, "docs", page), text)
}
