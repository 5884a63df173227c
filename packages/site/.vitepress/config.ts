import { cpSync, globSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { defineConfig, type UserConfig } from "vitepress"
import { llms } from "../src/llms.ts"
import { root, slugify } from "../src/markdown.ts"
import { sidebar } from "./sidebar.ts"

const site = join(import.meta.dirname, "..")
const docs = join(root, "docs")

/** The pages lie outside of this package, where no `vue` is installed: what they import is looked for here. */
const vueForPages: NonNullable<NonNullable<UserConfig["vite"]>["plugins"]>[number] = {
  name: "vue-for-pages",
  enforce: "pre",
  resolveId(source, importer) {
    const isPage = importer !== undefined && !importer.startsWith(site)
    return isPage && /^vue(\/|$)/.test(source)
      ? this.resolve(source, join(site, "package.json"), { skipSelf: true })
      : undefined
  }
}

export default defineConfig({
  title: "effect-pollo",
  description: "Know, watch and safely spend a prepaid Pollo AI credit balance, and test without a key.",
  lang: "en",
  srcDir: docs,
  outDir: "dist",
  cacheDir: "node_modules/.cache/vitepress",
  vite: { plugins: [vueForPages] },
  cleanUrls: false,
  lastUpdated: false,
  buildEnd: ({ outDir }) => {
    // Programs that read want the pages as they were written.
    writeFileSync(join(outDir, "llms.txt"), llms("/"))
    for (const page of globSync("**/*.md", { cwd: docs, exclude: ["reference/**"] })) {
      cpSync(join(docs, page), join(outDir, page))
    }
  },
  markdown: {
    anchor: { slugify },
    // The default themes have colours too faint for text of this size.
    theme: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" },
    languageAlias: { acl: "ini", conf: "ini", console: "shellsession" }
  },
  themeConfig: {
    nav: [
      { text: "Start", link: "/start" },
      { text: "The mock server", link: "/mock/steps" },
      { text: "API reference", link: "/reference/" }
    ],
    sidebar,
    outline: { level: [2, 3] },
    search: {
      provider: "local",
      options: {
        // Pages that explain come before those that list.
        miniSearch: {
          searchOptions: { boostDocument: (id: string) => id.includes("/reference/") ? 0.2 : 1 }
        }
      }
    },
    docFooter: { prev: "Before this", next: "Read on" }
  }
})
