import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, join } from "node:path"
import { expect, it, onTestFinished } from "vitest"
import { chromiumOf } from "../chromium.ts"
import { linesOf, needOf } from "../skipped.ts"

const folderWith = (...names: ReadonlyArray<string>): string => {
  const folder = mkdtempSync(join(tmpdir(), "effect-pollo-bin-"))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const name of names) {
    writeFileSync(join(folder, name), "")
    chmodSync(join(folder, name), 0o755)
  }
  return folder
}

it.each(["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"])("finds Chrome as %s", (name) => {
  const folder = folderWith(name)
  mkdirSync(join(folder, "empty"))
  expect(chromiumOf({ PATH: [join(folder, "empty"), folder].join(delimiter) })).toBe(join(folder, name))
})

it("takes the Chrome of CHROME_PATH, and no other when that is not there", () => {
  const folder = folderWith("chromium", "mine")
  expect(chromiumOf({ PATH: folder, CHROME_PATH: join(folder, "mine") })).toBe(join(folder, "mine"))
  expect(chromiumOf({ PATH: folder, CHROME_PATH: join(folder, "gone") })).toBeUndefined()
})

it("says what was skipped, and what to install for it", () => {
  const names = [
    "on Redis (needs redis-server on the PATH) > admits one",
    "the page (needs chromium) > shows a card",
    "the page (needs chromium) > shows two",
    "the rules fire (skipped without promtool)",
    "says when the disk is full"
  ]
  expect(linesOf(names.map(needOf))).toEqual([
    "2 skipped: no chromium; apt-get install chromium",
    "1 skipped: no redis-server; apt-get install redis-server",
    "1 skipped: no promtool; apt-get install prometheus",
    "1 skipped: not for this system, or only for `pnpm test:long`"
  ])
})
