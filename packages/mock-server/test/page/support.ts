import axe from "axe-core"
import { chromium } from "playwright-core"
import type { Browser, BrowserContextOptions, Page } from "playwright-core"
import { afterAll, beforeAll, expect, onTestFinished } from "vitest"
import { chromiumPath } from "../../../../scripts/chromium.ts"
import { createMockServer } from "../../src/index.ts"
import type { MockServerOptions } from "../../src/index.ts"

export { chromiumPath }

/** With a profile of its own, which is gone when it closes. */
const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath: chromiumPath ?? expect.fail("no chromium"),
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync"
    ]
  })

const violations = (page: Page): Promise<ReadonlyArray<string>> =>
  page.evaluate(() => Reflect.get(globalThis, "policyViolations") ?? [])

/** Opens a page that may not fail: its errors, and what its policy had to stop, fail the test. */
const openPage = async (browser: Browser, url: string, options: BrowserContextOptions = {}) => {
  const context = await browser.newContext({ reducedMotion: "reduce", ...options })
  context.setDefaultTimeout(10_000)
  const page = await context.newPage()
  const errors: Array<string> = []
  page.on("pageerror", (error) => errors.push(String(error)))
  await page.addInitScript(() => {
    const seen: Array<string> = []
    Reflect.set(globalThis, "policyViolations", seen)
    document.addEventListener("securitypolicyviolation", ({ violatedDirective }) => seen.push(violatedDirective))
  })
  onTestFinished(async () => {
    const stopped = await violations(page)
    await context.close()
    expect([...errors, ...stopped]).toEqual([])
  })
  await page.goto(`${url}/__admin/`)
  return page
}

/** A server with a port, and a client of it. */
export const serve = async (options?: MockServerOptions, port = 0, host = "127.0.0.1") => {
  const server = createMockServer(options)
  const running = await server.listen({ port, host })
  onTestFinished(() => running.close())
  const ask = async (key: string, path = "/credit/balance"): Promise<number> => {
    const response = await fetch(running.baseUrl + path, { headers: { "x-api-key": key }, redirect: "manual" })
    await response.text()
    return response.status
  }
  return { ...running, admin: server.admin, ask }
}

interface Finding {
  readonly id: string
  readonly nodes: ReadonlyArray<{ readonly html: string; readonly failureSummary?: string }>
}

/** What axe finds wrong by WCAG 2.2 AA and its own best practices. It comes by the debugger, past the page's policy. */
export const accessibilityFindings = async (page: Page): Promise<ReadonlyArray<string>> => {
  const session = await page.context().newCDPSession(page)
  const run = `${axe.source}; axe.run(document).then(({ violations }) => JSON.stringify(violations))`
  const { result } = await session.send("Runtime.evaluate", { expression: run, awaitPromise: true })
  const found: ReadonlyArray<Finding> = JSON.parse(String(result.value))
  return found.flatMap(({ id, nodes }) => nodes.map(({ failureSummary, html }) => `${id}: ${html}\n${failureSummary}`))
}

/** One browser for the tests of a file; opens the page of a server in it. */
export const browserOf = () => {
  let browser: Browser | undefined
  beforeAll(async () => {
    browser = await launch()
  }, 60_000)
  afterAll(() => browser?.close())
  return (url: string, options?: BrowserContextOptions): Promise<Page> =>
    openPage(browser ?? expect.fail("the browser has not started"), url, options)
}

export const rows = (page: Page) => page.locator("#requests tbody tr:visible")
export const cellsOf = (page: Page, row = 0): Promise<ReadonlyArray<string>> =>
  rows(page).nth(row).locator("td").allInnerTexts()
export const card = (page: Page, label: string) => page.getByRole("article", { name: label })
export const chartOf = (page: Page, label: string) => card(page, label).getByRole("img")
export const connection = (page: Page) => page.locator("#connection")
export const eventually = <Value>(read: () => Promise<Value>) => expect.poll(read, { timeout: 10_000, interval: 50 })
