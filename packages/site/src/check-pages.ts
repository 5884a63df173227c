/**
 * Reads every page of the built site in Chromium, as a person on a phone and at a desk would, in light and dark. A page
 * must please axe, fit its width, show its pictures, and ask no other server for anything; and the search must find.
 */
import { serve } from "@hono/node-server"
import { serveStatic } from "@hono/node-server/serve-static"
import axe from "axe-core"
import { Hono } from "hono"
import { globSync } from "node:fs"
import { type AddressInfo } from "node:net"
import { join } from "node:path"
import { type Browser, chromium, type Page } from "playwright-core"
import { chromiumPath } from "./chromium.ts"

const dist = join(import.meta.dirname, "../dist")
const asked = process.argv.slice(2)
const pages = globSync("**/*.html", { cwd: dist }).toSorted()
  .filter((page) => page !== "404.html" && (asked.length === 0 || asked.includes(page)))
const widths = [375, 1280]
const schemes = ["light", "dark"] as const

const app = new Hono().use(serveStatic({ root: dist }))
const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1", overrideGlobalObjects: false })
await new Promise<void>((resolve) => server.on("listening", resolve))
const address: AddressInfo | string | null = server.address()
if (address === null || typeof address === "string") throw new Error("no port")
const origin = `http://127.0.0.1:${address.port}`

/** What axe finds wrong by WCAG 2.2 AA and its own best practices. */
const findings = (page: Page): Promise<ReadonlyArray<string>> =>
  page.evaluate(async () => {
    const { violations }: axe.AxeResults = await Reflect.get(globalThis, "axe").run(document)
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`))
  })

/** What is wider than the page without a scroll bar of its own, and pictures that did not come. */
const layout = (page: Page): Promise<ReadonlyArray<string>> =>
  page.evaluate(() => {
    const { clientWidth, scrollWidth } = document.documentElement
    const missing = [...document.images].filter(({ complete, naturalWidth }) => complete && naturalWidth === 0)
    return [
      ...(scrollWidth > clientWidth ? [`${scrollWidth} pixels wide`] : []),
      ...missing.map(({ src }) => `no picture at ${src}`)
    ]
  })

const open = async (browser: Browser) => {
  const context = await browser.newContext({ reducedMotion: "reduce", viewport: { width: 1280, height: 900 } })
  await context.addInitScript({ content: axe.source })
  const page = await context.newPage()
  const problems: Array<string> = []
  page.on("pageerror", (error) => problems.push(String(error)))
  page.on("request", (request) => {
    const url = request.url()
    if (!url.startsWith(origin) && !url.startsWith("data:")) problems.push(`asks ${url}`)
  })
  return { page, take: () => problems.splice(0), close: () => context.close() }
}

/** All pages, each loaded once and looked at in every way. */
const read = async (browser: Browser): Promise<ReadonlyArray<string>> => {
  const { close, page, take } = await open(browser)
  const found: Array<string> = []
  for (const path of pages) {
    await page.goto(`${origin}/${path}`)
    // The theme has taken over what came as HTML, and its transitions are over.
    await page.waitForFunction(() => Reflect.has(document.querySelector("#app") ?? {}, "__vue_app__"))
    for (const width of widths) {
      await page.setViewportSize({ width, height: 900 })
      for (const colorScheme of schemes) {
        await page.emulateMedia({ colorScheme, reducedMotion: "reduce" })
        const problems = [...await findings(page), ...await layout(page), ...take()]
        found.push(...problems.map((problem) => `${path} (${width}, ${colorScheme}): ${problem}`))
      }
    }
  }
  await close()
  return found
}

/** Looks for words as a reader does, and goes to the first page that is found. */
const search = async (browser: Browser, words: string, expected: string): Promise<ReadonlyArray<string>> => {
  const { close, page, take } = await open(browser)
  await page.goto(`${origin}/index.html`, { waitUntil: "networkidle" })
  await page.getByRole("button", { name: "Search" }).first().click()
  await page.getByRole("searchbox").fill(words)
  await page.locator(".VPLocalSearchBox .result").first().waitFor({ timeout: 10_000 })
  await page.keyboard.press("Enter")
  await page.waitForURL((url) => url.pathname === expected, { timeout: 10_000 }).catch(() => undefined)
  const arrived = new URL(page.url()).pathname
  const problems = [...take(), ...(arrived === expected ? [] : [`leads to ${arrived} and not ${expected}`])]
  await close()
  return problems.map((problem) => `search for "${words}": ${problem}`)
}

const browser = await chromium.launch({ executablePath: chromiumPath, args: ["--no-sandbox", "--disable-gpu"] })
try {
  const found = [...await search(browser, "maxRetryAfter", "/retries.html"), ...await read(browser)]
  for (const line of found) console.error(line)
  if (found.length > 0) process.exitCode = 1
  else console.log(`${pages.length} pages read at ${widths.join(" and ")} pixels, in light and dark: nothing found`)
} finally {
  await browser.close()
  server.close()
}
