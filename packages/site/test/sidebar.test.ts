/** Nobody finds a page that the site's sidebar does not name, or an example that the page of examples leaves out. */
import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { sidebar } from "../.vitepress/sidebar.ts"
import { root } from "../src/markdown.ts"

const pages = globSync("**/*.md", { cwd: join(root, "docs") }).filter((page) => !page.startsWith("reference/"))
const links = sidebar.flatMap(({ items = [] }) => items.map(({ link }) => link))

it("the sidebar names every page once", () => {
  expect(links.filter((link) => link !== "/reference/").toSorted()).toEqual(
    pages.filter((page) => page !== "index.md").map((page) => `/${page.replace(/\.md$/, "")}`).toSorted()
  )
})

it("the page of examples shows every example", () => {
  const examples = readFileSync(join(root, "docs/examples.md"), "utf8")
  const shown = [...examples.matchAll(/^## (\S+)\n[^]*?^<<< \.\.\/packages\/examples\/src\/(\S+)\.ts$/gm)]
  expect(shown.map(([, heading]) => heading)).toEqual(shown.map(([, , file]) => file))
  expect(shown.map(([, heading]) => `${heading}.ts`)).toEqual(
    globSync("*.ts", { cwd: join(root, "packages/examples/src") }).toSorted()
  )
})
