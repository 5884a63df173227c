/**
 * Every link inside the documentation leads somewhere: to a file that is there, and to a heading that it has. Nothing
 * is asked over the network.
 */
import { existsSync, globSync } from "node:fs"
import { dirname, join, normalize } from "node:path"
import { anchorsOf, proseOf, root } from "./markdown.ts"

/** Not there yet in a fresh checkout. The build of the site, which makes it, fails on a link to a page that is not. */
const generated = "docs/reference/"

const files = globSync(["*.md", "llms.txt", "docs/**/*.md", "packages/*/*.md"], { cwd: root }).filter((file) =>
  !file.startsWith(generated)
)

interface Link {
  readonly file: string
  readonly line: number
  readonly target: string
}

const linksOf = (file: string): ReadonlyArray<Link> => {
  // A code span may show a link without being one.
  const prose = proseOf(file).replaceAll(/`[^`\n]*`/g, (code) => "`".repeat(code.length))
  const inline = prose.matchAll(/\]\(([^)\s]+)\)/g)
  const inYaml = prose.matchAll(/^\s*(?:- )?(?:link|src): (\S+)$/gm)
  const html = prose.matchAll(/ (?:href|src)="([^"]+)"/g)
  return [...inline, ...inYaml, ...html].map((match) => ({
    file,
    line: prose.slice(0, match.index).split("\n").length,
    target: match[1] ?? ""
  }))
}

/** Why nobody gets anywhere by that link. */
const fault = ({ file, target }: Link): string | undefined => {
  if (/^(https?|mailto):/.test(target)) return undefined
  const [path = "", anchor] = target.split("#")
  // A page of the site links from its top with a slash; elsewhere links are relative to the file.
  const to = path === "" ? file : path.startsWith("/") ? join("docs", path) : normalize(join(dirname(file), path))
  if (to.startsWith(generated)) return undefined
  if (!existsSync(join(root, to))) return `there is no ${to}`
  if (file.startsWith("docs/") && !to.startsWith("docs/")) return `the site does not have ${to}`
  if (anchor !== undefined && to.endsWith(".md") && !anchorsOf(to).has(anchor)) return `${to} has no heading #${anchor}`
  return undefined
}

const links = files.flatMap(linksOf)
const faults = links.flatMap((link) => {
  const why = fault(link)
  return why === undefined ? [] : [`${link.file}:${link.line}: ${link.target}: ${why}`]
})
for (const line of faults) console.error(line)
if (faults.length > 0 || links.length === 0) process.exit(1)
console.log(`${links.length} links of ${files.length} files lead somewhere`)
