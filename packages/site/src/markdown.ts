/** What the link checker and the site must agree upon: which headings a page has, and what their anchors are. */
import { readFileSync } from "node:fs"
import { join } from "node:path"

export const root = join(import.meta.dirname, "../../..")

/** The anchor of a heading, as GitHub makes it, so that a link works there and on the site. */
export const slugify = (heading: string): string =>
  heading.trim().toLowerCase().replaceAll(/[^\p{L}\p{N}\p{M}\p{Pc} -]/gu, "").replaceAll(" ", "-")

/** The text of a Markdown file without what only looks like Markdown in it: fenced code. */
export const proseOf = (file: string): string =>
  readFileSync(join(root, file), "utf8").replaceAll(/^(```+)[^]*?^\1$/gm, (code) => code.replaceAll(/[^\n]/g, ""))

/** The words of a heading as a reader sees them. */
const wordsOf = (markdown: string): string =>
  markdown.replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, "$1").replaceAll("`", "").replaceAll("**", "")

/** Every anchor of a page. A heading that comes again gets a number, as on GitHub. */
export const anchorsOf = (file: string): ReadonlySet<string> => {
  const seen = new Map<string, number>()
  const anchors = new Set<string>()
  for (const [, heading = ""] of proseOf(file).matchAll(/^#{1,6} (.+)$/gm)) {
    const slug = slugify(wordsOf(heading))
    const count = seen.get(slug) ?? 0
    seen.set(slug, count + 1)
    anchors.add(count === 0 ? slug : `${slug}-${count}`)
  }
  return anchors
}
