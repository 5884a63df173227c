/** Nobody finds a page that the site's sidebar does not name, or an example that the page of examples leaves out. */
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { sidebar } from "../.vitepress/sidebar.ts"
import { llms } from "../src/llms.ts"
import { root } from "../src/markdown.ts"

it("the sidebar leads to pages that are there", () => {
  const links = sidebar.flatMap(({ items = [] }) => items.flatMap(({ link = [] }) => link))
  const pages = links.filter((link) => link !== "/reference/").map((link) => join(root, "docs", `${link}.md`))
  expect(pages.length).toBeGreaterThan(10)
  expect(pages.filter((page) => !existsSync(page))).toEqual([])
})

it("the page of examples shows every example", () => {
  const examples = readFileSync(join(root, "docs/examples.md"), "utf8")
  const shown = [...examples.matchAll(/^## (\S+)\n[^]*?^<<< \.\.\/packages\/examples\/src\/(\S+)\.ts$/gm)]
  expect(shown.map(([, heading]) => heading)).toEqual(shown.map(([, , file]) => file))
  expect(shown.map(([, heading]) => `${heading}.ts`)).toEqual(
    globSync("*.ts", { cwd: join(root, "packages/examples/src") }).toSorted()
  )
})

it("llms.txt lists the pages of the sidebar (UPDATE_DOCS=1 writes it)", () => {
  const file = join(root, "llms.txt")
  if (process.env["UPDATE_DOCS"] === "1") writeFileSync(file, llms("docs/"))
  const links = (text: string) => [...text.matchAll(/\]\((\S+)\)/g)].map(([, link]) => link)
  expect(links(readFileSync(file, "utf8"))).toEqual(links(llms("docs/")))
})
