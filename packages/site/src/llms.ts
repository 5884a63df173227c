/** The list of pages for programs that read: https://llmstxt.org. It is made from the order of the sidebar and the pages themselves. */
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { inOrder } from "../.vitepress/sidebar.ts"
import { proseOf, root } from "./markdown.ts"

/** The first sentence of a page, without its links. */
const summaryOf = (page: string): string => {
  const [, paragraph = ""] = /^# .*\n+((?:[^#\n].*\n)+)/m.exec(proseOf(page)) ?? []
  const words = paragraph.replaceAll("\n", " ").replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").trim()
  return /^.*?[.:](?= |$)/.exec(words)?.[0].replace(/:$/, ".") ?? words
}

/** With links that begin as they must where the list is. */
export const llms = (base: string): string => {
  const { description }: { readonly description: string } = JSON.parse(
    readFileSync(join(root, "packages/client/package.json"), "utf8")
  )
  const sections = inOrder.map(({ items = [], text }) => {
    const pages = items.map(({ link = "", text }) => ({ page: `${link.slice(1)}.md`, text }))
      .filter(({ page }) => existsSync(join(root, "docs", page)))
    const lines = pages.map(({ page, text }) => `- [${text}](${base}${page}): ${summaryOf(`docs/${page}`)}`)
    return `## ${text}\n\n${lines.join("\n")}\n`
  })
  return `# effect-pollo

> ${description}, for Effect 4.1; and a mock server that needs no key.

A coding agent that uses the client reads \`AGENTS.md\` in \`node_modules/@effect-pollo/client\` first: imports, layers, errors
and traps, with the names of Effect 4.

${sections.join("\n")}`
}
