/**
 * Holds the names and types of each published entry point to the texts in `api/`, which are the declarations that tsc
 * makes of them and of what they show. `pnpm check:api --update` writes the texts anew, for a change that is meant.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join, relative } from "node:path"
import { bin, manifestOf, type Published, published, root, run } from "./packed.ts"

const update = process.argv.includes("--update")
const work = mkdtempSync(join(tmpdir(), "effect-pollo-api-"))

/** The modules that a module shows types of. */
const shownBy = (declaration: string, text: string): ReadonlyArray<string> =>
  Array.from(text.matchAll(/(?:from |import\()"(\.[^"]+)\.(?:js|ts)"/g), ([, path = ""]) => (
    join(dirname(declaration), `${path}.d.ts`)
  ))

const textOf = (name: Published): string => {
  const project = join(root, "packages", name, "tsconfig.build.json")
  const out = join(work, name)
  const only = ["--emitDeclarationOnly", "--declarationMap", "false", "--sourceMap", "false", "--removeComments"]
  run(bin("tsc"), ["-p", project, ...only, "--outDir", out])
  // The mock server's declarations have the folder `src` in their path, as its page is beside it.
  const start = existsSync(join(out, "src")) ? out : join(out, "..", name)
  const texts = new Map<string, string>()
  const visit = (declaration: string): void => {
    if (texts.has(declaration) || !existsSync(declaration)) return
    const text = readFileSync(declaration, "utf8")
    texts.set(declaration, text)
    for (const shown of shownBy(declaration, text)) visit(shown)
  }
  const sources = Object.values(manifestOf(name).exports).filter((path) => path?.endsWith(".ts") === true)
  for (const source of sources) {
    const path = String(source).replace(/\.ts$/, ".d.ts")
    visit(join(start, existsSync(join(start, path)) ? path : path.replace("./src/", "")))
  }
  return [...texts]
    .map(([file, text]) => `// ${relative(out, file)}\n${text}`)
    .toSorted()
    .join("\n")
}

const differing = published.filter((name) => {
  const file = join(root, "api", `${name}.txt`)
  const now = textOf(name)
  if (existsSync(file) && readFileSync(file, "utf8") === now) return false
  if (update) {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, now)
    return false
  }
  const seen = join(work, `${name}.txt`)
  writeFileSync(seen, now)
  try {
    run("git", ["diff", "--no-index", "--no-color", "--unified=1", file, seen])
  } catch (error) {
    console.error(String(error).split("\n").slice(1, 60).join("\n"))
  }
  return true
})
rmSync(work, { recursive: true, force: true })
if (differing.length > 0) {
  console.error(
    `The public names or types of ${differing.join(", ")} changed. If that is meant: pnpm check:api --update`
  )
  process.exit(1)
}
console.log(`${published.length} packages have the names and types of api/`)
