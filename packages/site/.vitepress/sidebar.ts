import { globSync } from "node:fs"
import { join } from "node:path"
import type { DefaultTheme } from "vitepress"
import { proseOf, root } from "../src/markdown.ts"

/** The order in which the pages are best read. */
export const inOrder: ReadonlyArray<DefaultTheme.SidebarItem> = [
  {
    text: "Begin",
    items: [
      { text: "Start in five minutes", link: "/start" },
      { text: "Testing", link: "/testing" },
      { text: "Examples", link: "/examples" }
    ]
  },
  {
    text: "The client",
    items: [
      { text: "Errors", link: "/errors" },
      { text: "Retries and timeouts", link: "/retries" },
      { text: "Cache", link: "/cache" },
      { text: "Watch", link: "/watch" },
      { text: "Credit budget", link: "/budget" },
      { text: "Redis for a fleet", link: "/redis" },
      { text: "Telemetry", link: "/telemetry" },
      { text: "Effect 3", link: "/effect-3" },
      { text: "Where it runs", link: "/runtimes" },
      { text: "Benchmarks", link: "/benchmarks" },
      { text: "The command line", link: "/cli" },
      { text: "API reference", link: "/reference/" }
    ]
  },
  {
    text: "The mock server",
    items: [
      { text: "Keys and steps", link: "/mock/steps" },
      { text: "Faults on the wire", link: "/mock/faults" },
      { text: "Accounts, limits, clocks", link: "/mock/accounts" },
      { text: "The journal", link: "/mock/journal" },
      { text: "Admin API and page", link: "/mock/admin" },
      { text: "In code", link: "/mock/in-code" },
      { text: "Command line", link: "/mock/command-line" }
    ]
  }
]

const linksOf = (sections: ReadonlyArray<DefaultTheme.SidebarItem>): ReadonlyArray<string> =>
  sections.flatMap(({ items = [] }) => items.flatMap(({ link = [] }) => link))

const named = linksOf(inOrder)

/** Pages that have no place yet, by their titles: nobody would find them otherwise. */
const others = globSync("**/*.md", { cwd: join(root, "docs"), exclude: ["reference/**"] })
  .map((page) => ({ page, link: `/${page.replace(/\.md$/, "")}` }))
  .filter(({ link }) => link !== "/index" && !named.includes(link))
  .map(({ link, page }) => ({ link, text: /^# (.*)$/m.exec(proseOf(`docs/${page}`))?.[1] ?? page }))

export const sidebar: Array<DefaultTheme.SidebarItem> = others.length === 0
  ? inOrder.slice()
  : [...inOrder, { text: "More", items: others }]
