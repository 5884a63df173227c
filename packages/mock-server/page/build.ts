/** Makes the page one module that the server can hold: it must not read files, because Workers have none. */
import { build, transform } from "esbuild"
import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"

const file = (name: string): string => join(import.meta.dirname, name)
const target = join(import.meta.dirname, "../src/admin/page/assets.ts")

/** The text of the module that holds the page. */
export const buildPage = async (): Promise<string> => {
  const { outputFiles: [script] } = await build({
    entryPoints: [file("main.ts")],
    bundle: true,
    format: "esm",
    target: "es2022",
    minify: true,
    write: false
  })
  const { code: style } = await transform(await readFile(file("page.css"), "utf8"), { loader: "css", minify: true })
  const assets = {
    html: await readFile(file("page.html"), "utf8"),
    icon: await readFile(file("icon.svg"), "utf8"),
    script: script?.text ?? "",
    style
  }
  return [
    "// Made of the files in page/ by page/build.ts.",
    "// dprint-ignore-file",
    ...Object.entries(assets).map(([name, text]) => `export const ${name}: string = ${JSON.stringify(text)}`),
    ""
  ].join("\n")
}

if (import.meta.main) await writeFile(target, await buildPage())
