/**
 * Type-checks every `ts` code block of the READMEs, the docs and the doc comments, as a user of the packages would
 * compile it: the documentation cannot name what is not there.
 */
import { spawnSync } from "node:child_process"
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"

const root = join(import.meta.dirname, "..")
const effect4 = "packages/examples"
const effect3 = "packages/client-effect3"

/** Snippets of the package for Effect 3, and those that import it, see its Effect; others see what the examples see. */
const homeOf = ({ code, file }: Snippet): string =>
  file.startsWith(`${effect3}/`) || /from "(?:@effect-pollo\/client-effect3|@effect\/platform)"/.test(code)
    ? effect3
    : effect4

interface Snippet {
  readonly file: string
  readonly line: number
  readonly code: string
}

const snippetsOf = (file: string): ReadonlyArray<Snippet> => {
  const text = readFileSync(join(root, file), "utf8")
  const plain = file.endsWith(".ts") ? text.replaceAll(/^[ \t]*\* ?/gm, "") : text
  return Array.from(plain.matchAll(/^```ts\n(.*?)^```$/gms), (match) => ({
    file,
    line: plain.slice(0, match.index).split("\n").length,
    code: match[1] ?? ""
  }))
}

const files = globSync(["*.md", "packages/*/*.md", "docs/**/*.md", "packages/*/src/**/*.ts"], { cwd: root })
const snippets = files.filter((file) => !file.includes("node_modules") && !file.startsWith("docs/reference/")).flatMap(
  snippetsOf
)

const tsc = join(root, "node_modules/.bin/tsc")

/** Whether all snippets of one home compile. */
const compile = (home: string): boolean => {
  const out = join(root, home, ".snippets")
  rmSync(out, { recursive: true, force: true })
  mkdirSync(out, { recursive: true })
  const names = new Map<string, Snippet>()
  for (const [index, snippet] of snippets.filter((snippet) => homeOf(snippet) === home).entries()) {
    const name = `snippet-${index}.ts`
    names.set(name, snippet)
    writeFileSync(join(out, name), `${snippet.code}\nexport {}\n`)
  }
  writeFileSync(
    join(out, "tsconfig.json"),
    JSON.stringify({
      extends: "../../../tsconfig.base.json",
      compilerOptions: { noUnusedLocals: false, noUnusedParameters: false },
      include: ["*.ts"]
    })
  )
  const { status, stdout } = spawnSync(tsc, ["-p", out, "--pretty", "false"], { cwd: out, encoding: "utf8" })
  const report = stdout.replaceAll(/^(snippet-\d+\.ts)\((\d+),/gm, (_, name: string, line: string) => {
    const snippet = names.get(name)
    return snippet === undefined ? `${name}(${line},` : `${snippet.file}(${snippet.line + Number(line)},`
  })
  process.stdout.write(report)
  rmSync(out, { recursive: true, force: true })
  return status === 0
}

const compiled = [effect4, effect3].map(compile)
if (compiled.includes(false) || snippets.length === 0) process.exit(1)
console.log(`${snippets.length} snippets compile`)
