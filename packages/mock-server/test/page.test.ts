import { networkInterfaces } from "node:os"
import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { accessibilityFindings, chromiumPath, launch, openPage, serve } from "./page-support.ts"

// Debian's package; CI installs it.
describe.skipIf(chromiumPath === undefined)("the page, in Chromium", { timeout: 60_000 }, () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launch()
  }, 60_000)
  afterAll(() => browser.close())

  const open = (url: string, options?: Parameters<typeof openPage>[2]): Promise<Page> => openPage(browser, url, options)
  const rows = (page: Page) => page.locator("#requests tbody tr:visible")
  const cellsOf = (page: Page, row = 0): Promise<ReadonlyArray<string>> =>
    rows(page).nth(row).locator("td").allInnerTexts()
  const card = (page: Page, label: string) => page.getByRole("article", { name: label })
  const chartOf = (page: Page, label: string) => card(page, label).getByRole("img")
  const connection = (page: Page) => page.locator("#connection")
  const eventually = <Value>(read: () => Promise<Value>) => expect.poll(read, { timeout: 10_000, interval: 50 })

  it("shows a request that a client makes, as it happens", async () => {
    const { ask, url } = await serve()
    const page = await open(url)
    await page.getByText("No requests yet.").waitFor()
    expect(await page.locator("#curl").innerText()).toBe(
      `curl -i -H 'x-api-key: mock_503_x2_then_ok' ${url}/api/platform/credit/balance`
    )
    await ask("mock_503_x2_then_ok")
    await eventually(() => rows(page).count()).toBe(1)
    const [time = "", ...cells] = await cellsOf(page)
    expect(time).toMatch(/^\d\d:\d\d:\d\d\.\d{3}$/)
    expect(cells.slice(0, 7)).toEqual(["mock_503…1", "1", "GET", "…/credit/balance", "503", "503", "1"])
    await ask("mock_503_x2_then_ok")
    await ask("mock_503_x2_then_ok")
    await eventually(() => rows(page).count()).toBe(3)
    expect((await cellsOf(page)).slice(1, 7)).toEqual(["mock_503…1", "3", "GET", "…/credit/balance", "ok", "200"])
    expect(await page.getByText("No requests yet.").isVisible()).toBe(false)
  })

  it("shows how a request ended that was open, and one that no answer came to", async () => {
    const { ask, url } = await serve()
    const page = await open(url)
    const leaving = new AbortController()
    const hanging = fetch(`${url}/api/platform/credit/balance`, {
      headers: { "x-api-key": "mock_hang" },
      signal: leaving.signal
    }).catch(() => "left")
    await eventually(async () => (await cellsOf(page))[6]).toContain("open")
    leaving.abort()
    await hanging
    await eventually(async () => (await cellsOf(page))[6]).toContain("aborted")
    await expect(ask("mock_reset")).rejects.toThrow("fetch failed")
    await eventually(async () => (await cellsOf(page)).slice(5, 7)).toEqual(["reset", "faulted"])
  })

  it("draws a spend into the chart", async () => {
    const { admin, ask, url } = await serve()
    await ask("mock_ok.chart")
    const page = await open(url)
    const chart = chartOf(page, "mock_o…1")
    await eventually(() => chart.getAttribute("aria-label")).toBe("Balance: 1,000, unchanged")
    const level = await chart.locator(".line").getAttribute("d")
    await admin.spend("mock_ok.chart", { credits: 250.5 })
    await eventually(() => chart.getAttribute("aria-label")).toMatch(
      /^Balance over .+: from 1,000 to 749\.5, between 749\.5 and 1,000$/
    )
    const line = await chart.locator(".line").getAttribute("d") ?? ""
    expect(line).not.toBe(level)
    const heights = Array.from(line.matchAll(/ ([\d.]+)/g), ([, y]) => Number(y))
    expect(heights.at(-1)).toBeGreaterThan(heights[0] ?? Infinity)
    expect(await card(page, "mock_o…1").locator("[data-available]").innerText()).toBe("749.5")
  })

  it("spends and tops up, and says why when it cannot", async () => {
    const { admin, ask, url } = await serve()
    await ask("a-key-of-mine")
    const page = await open(url)
    const mine = card(page, "a-key-…1")
    await mine.getByRole("button", { name: "a-key-…1" }).click()
    await mine.getByLabel("Credits").fill("12.5")
    await mine.getByRole("button", { name: "Spend" }).click()
    await mine.getByText("Spent 12.5, 987.5 available").waitFor()
    await mine.getByRole("button", { name: "Top up" }).click()
    await mine.getByText("Topped up 12.5, 1,000 available").waitFor()
    await mine.getByLabel("Credits").fill("5000")
    await mine.getByRole("button", { name: "Spend" }).click()
    await mine.getByText("credits: 5000 is more than the 1000 that are available").waitFor()
    expect(await mine.getByLabel("Credits").getAttribute("aria-invalid")).toBe("true")
    expect(await admin.account("a-key-of-mine")).toMatchObject({ availableCredits: 1000, spentCredits: 12.5 })
  })

  it("sets a plan, and the client's next call fails as set", async () => {
    const { ask, url } = await serve()
    expect(await ask("a-key-of-mine")).toBe(200)
    const page = await open(url)
    const mine = card(page, "a-key-…1")
    await mine.getByRole("button", { name: "a-key-…1" }).click()
    await mine.getByLabel("Plan").fill("429, nonsense")
    await mine.getByRole("button", { name: "Set plan" }).click()
    await mine.getByText("\"nonsense\" is no step").waitFor()
    expect(await ask("a-key-of-mine")).toBe(200)
    await mine.getByLabel("Plan").fill("503_x2 ok")
    await mine.getByRole("button", { name: "Set plan" }).click()
    await mine.getByText("Plan set, the next request gets 503").waitFor()
    await eventually(() => mine.locator("[data-plan]").innerText()).toMatch(/^503 ×2\s+then\s+ok/)
    expect(await ask("a-key-of-mine")).toBe(503)
    expect(await ask("a-key-of-mine")).toBe(503)
    expect(await ask("a-key-of-mine")).toBe(200)
    await eventually(() => mine.locator("[data-plan]").innerText()).toMatch(/^ok/)
  })

  it("suggests steps for the last word of a plan", async () => {
    const { ask, url } = await serve()
    await ask("a-key-of-mine")
    const page = await open(url)
    await page.getByRole("button", { name: "a-key-…1" }).click()
    await page.getByLabel("Plan").fill("503_x2 rat")
    const suggested = await page.locator("#steps option").evaluateAll((options) =>
      options.map((option) => option instanceof HTMLOptionElement ? option.value : "")
    )
    expect(suggested).toContain("503_x2 rate_limited")
    expect(suggested).toContain("503_x2 connection_reset_by_peer")
  })

  it("advances, freezes and resets a key", async () => {
    const { admin, ask, url } = await serve()
    await admin.setAccount("a-key-of-mine", { availableCredits: 500, totalCredits: 500, drainPerMinute: 60 })
    await ask("a-key-of-mine")
    const page = await open(url)
    const mine = card(page, "a-key-…1")
    await mine.getByRole("button", { name: "a-key-…1" }).click()
    await mine.getByRole("button", { name: "Freeze" }).click()
    await mine.getByText("frozen").waitFor()
    const before = (await admin.clock("a-key-of-mine")).now
    await mine.getByLabel("Clock").fill("5")
    await mine.getByLabel("Unit").selectOption("min")
    await mine.getByRole("button", { name: "Advance" }).click()
    await mine.getByText("Advanced by 5 min").waitFor()
    expect(await admin.clock("a-key-of-mine")).toEqual({ now: before + 300_000, frozen: true })
    await eventually(() => mine.locator("[data-facts]").innerText()).toContain("5 min ahead")
    await eventually(() => chartOf(page, "a-key-…1").getAttribute("aria-label")).toMatch(/^Balance over 5 min/)
    await mine.getByRole("button", { name: "Reset key" }).click()
    await eventually(() => mine.locator("[data-available]").innerText()).toBe("1,000")
    await eventually(() => rows(page).count()).toBe(0)
    expect(await admin.clock("a-key-of-mine")).toMatchObject({ frozen: false })
    await eventually(() => chartOf(page, "a-key-…1").getAttribute("aria-label")).toBe("Balance: 1,000, unchanged")
  })

  it("resets all keys once that is confirmed, and clears the list of requests", async () => {
    const { admin, ask, url } = await serve()
    await admin.spend("a-key-of-mine", { credits: 10 })
    await ask("a-key-of-mine")
    const page = await open(url)
    await eventually(() => rows(page).count()).toBe(1)
    await page.getByRole("button", { name: "Clear" }).click()
    await eventually(() => rows(page).count()).toBe(0)
    expect((await admin.requests()).total).toBe(0)
    page.once("dialog", (dialog) => void dialog.dismiss())
    await page.getByRole("button", { name: "Reset all" }).click()
    expect((await admin.account("a-key-of-mine")).availableCredits).toBe(990)
    page.once("dialog", (dialog) => void dialog.accept())
    await page.getByRole("button", { name: "Reset all" }).click()
    await eventually(() => card(page, "a-key-…1").locator("[data-available]").innerText()).toBe("1,000")
  })

  it("filters the list, for a key too, and holds it still while it is paused", async () => {
    const { ask, url } = await serve()
    const page = await open(url)
    await ask("mock_503")
    await ask("a-key-of-mine")
    await eventually(() => rows(page).count()).toBe(2)
    await page.getByLabel("Filter requests").fill("503 get")
    expect((await cellsOf(page))[1]).toBe("mock…1")
    expect(await page.locator("#request-count").innerText()).toBe("1 of 2")
    await page.getByLabel("Filter requests").fill("nothing like it")
    await page.getByText("No request matches the filter.").waitFor()
    await page.getByRole("button", { name: "a-key-…2" }).click()
    await page.getByRole("button", { name: "Show its requests" }).click()
    await eventually(() => rows(page).count()).toBe(1)
    expect((await cellsOf(page))[1]).toBe("a-key-…2")
    await page.getByRole("button", { name: "Pause" }).click()
    await ask("a-key-of-mine")
    await page.getByRole("button", { name: "Resume, 1 new" }).click()
    await eventually(() => rows(page).count()).toBe(2)
    await page.getByRole("button", { name: "Pause" }).waitFor()
  })

  it("shows keys, steps and paths from elsewhere as text", async () => {
    const { ask, url } = await serve()
    const page = await open(url)
    let alerted = false
    page.on("dialog", (dialog) => {
      alerted = true
      void dialog.dismiss()
    })
    await ask("<img src=x onerror=alert(1)>")
    await ask("k", `/${encodeURIComponent("<img src=x onerror=alert(2)>")}`)
    await eventually(() => rows(page).count()).toBe(2)
    expect((await cellsOf(page, 1))[1]).toBe("<img src…1")
    expect(await card(page, "<img src…1").getByRole("button", { name: "<img src…1" }).innerText()).toBe("<img src…1")
    expect(await page.locator("main img").count()).toBe(0)
    expect(alerted).toBe(false)
  })

  it("works by the keyboard alone", async () => {
    const { admin, url } = await serve()
    const page = await open(url)
    await page.locator("#main").waitFor()
    const focused = () =>
      page.evaluate(() => {
        const { activeElement } = document
        const isSeen = activeElement !== null && getComputedStyle(activeElement).outlineStyle !== "none"
        const name = activeElement instanceof HTMLInputElement ? activeElement.name : activeElement?.textContent?.trim()
        return { name: name ?? "", isSeen }
      })
    const tabTo = async (name: string): Promise<void> => {
      for (let presses = 0; presses < 40; presses++) {
        await page.keyboard.press("Tab")
        const found = await focused()
        expect(found).toMatchObject({ isSeen: true })
        if (found.name === name) return
      }
      expect.fail(`Tab never comes to ${name}`)
    }
    await page.keyboard.press("Tab")
    expect(await focused()).toEqual({ name: "Skip to the keys", isSeen: true })
    await page.keyboard.press("Enter")
    await tabTo("key")
    await page.keyboard.type("a-key-of-mine")
    await page.keyboard.press("Enter")
    await eventually(async () => (await focused()).name).toBe("credits")
    await page.keyboard.press("Control+A")
    await page.keyboard.type("30")
    await page.keyboard.press("Enter")
    await page.getByText("Spent 30, 970 available").waitFor()
    await tabTo("Top up")
    await page.keyboard.press("Space")
    await page.getByText("Topped up 30, 1,000 available").waitFor()
    await tabTo("steps")
    await page.keyboard.type("429")
    await page.keyboard.press("Enter")
    await page.getByText("Plan set, the next request gets 429").waitFor()
    await tabTo("Freeze")
    await page.keyboard.press("Enter")
    await eventually(async () => (await admin.clock("a-key-of-mine")).frozen).toBe(true)
    await page.keyboard.press("Shift+Tab")
    expect((await focused()).name).toBe("Advance")
    await tabTo("Reset key")
    await page.keyboard.press("Enter")
    await eventually(async () => (await admin.clock("a-key-of-mine")).frozen).toBe(false)
  })

  it("keeps what someone is typing, and where, while keys come and go", async () => {
    const { ask, url } = await serve()
    for (let key = 1; key <= 20; key++) await ask(`a-key-of-mine-${key}`)
    const page = await open(url)
    await page.getByRole("button", { name: "a-key-of…10", exact: true }).click()
    const plan = card(page, "a-key-of…10").getByLabel("Plan")
    await plan.fill("503")
    const before = await plan.boundingBox()
    for (let key = 21; key <= 40; key++) await ask(`a-key-of-mine-${key}`)
    await ask("a-key-of-mine-10")
    await eventually(() => page.getByRole("article").count()).toBe(40)
    expect(await plan.inputValue()).toBe("503")
    expect(await plan.evaluate((input) => input === document.activeElement)).toBe(true)
    expect((await plan.boundingBox())?.y).toBeCloseTo(before?.y ?? 0, -1)
  })

  it("tells those who hear it of new requests, all of a while at once", async () => {
    const { ask, url } = await serve()
    const page = await open(url)
    await eventually(() => connection(page).innerText()).toBe("Live")
    await page.clock.install()
    await ask("mock_503")
    await ask("mock_503")
    await eventually(() => rows(page).count()).toBe(2)
    const news = page.locator("#news")
    expect(await news.getAttribute("role")).toBe("status")
    expect(await news.textContent()).toBe("")
    await page.clock.runFor(4000)
    expect(await news.textContent()).toBe("2 requests. The last: mock…1, 503, 503")
  })

  it("asks for the admin token, says when it is wrong, and keeps it for the tab", async () => {
    const { ask, url } = await serve({ adminToken: "the-token" })
    await ask("a-key-of-mine")
    const page = await open(url)
    const token = page.getByLabel("Admin token")
    await token.waitFor()
    expect(await rows(page).count()).toBe(0)
    await token.fill("another")
    await page.keyboard.press("Enter")
    await page.getByText("The server refused that admin token.").waitFor()
    await token.fill("the-token")
    await page.keyboard.press("Enter")
    await eventually(() => rows(page).count()).toBe(1)
    expect(await token.isVisible()).toBe(false)
    await page.getByRole("button", { name: "Clear" }).click()
    await eventually(() => rows(page).count()).toBe(0)
    await page.reload()
    await eventually(() => connection(page).innerText()).toBe("Live")
    expect(page.url()).not.toContain("token")
  })

  const elsewhere = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
    .find(({ family, internal }) => family === "IPv4" && !internal)

  it.skipIf(elsewhere === undefined)("works at an address that other machines reach, with the token", async () => {
    const { ask, port } = await serve({ adminToken: "the-token" }, 0, "0.0.0.0")
    await ask("a-key-of-mine")
    const page = await open(`http://${elsewhere?.address}:${port}`)
    await page.getByLabel("Admin token").fill("the-token")
    await page.keyboard.press("Enter")
    await eventually(() => rows(page).count()).toBe(1)
    await page.getByRole("button", { name: "Clear" }).click()
    await eventually(() => rows(page).count()).toBe(0)
  })

  it("comes back by itself when the server does, with what the new one knows", async () => {
    const first = await serve()
    await first.ask("from-before")
    const page = await open(first.url)
    await eventually(() => rows(page).count()).toBe(1)
    await first.close()
    await eventually(() => connection(page).innerText()).toBe("No connection, trying again")
    const second = await serve({}, first.port)
    await second.ask("mock_503")
    await eventually(() => connection(page).innerText()).toBe("Live")
    await eventually(async () => (await cellsOf(page))[1]).toBe("mock…1")
    expect(await rows(page).count()).toBe(1)
    expect(await page.getByRole("article").count()).toBe(1)
    await second.ask("mock_503")
    await eventually(() => rows(page).count()).toBe(2)
  })

  it("stays small and quick under many requests and keys", async () => {
    const { ask, url } = await serve()
    const page = await open(url)
    await eventually(() => connection(page).innerText()).toBe("Live")
    for (let batch = 0; batch < 30; batch++) {
      await Promise.all(Array.from({ length: 20 }, (_, key) => ask(`key-${batch}-${key}`)))
    }
    await eventually(async () => (await cellsOf(page))[1]).toMatch(/…600$/)
    expect(await rows(page).count()).toBe(200)
    expect(await page.getByRole("article").count()).toBeLessThanOrEqual(100)
    expect(await page.locator("#key-count").innerText()).toMatch(/^\d+ of 600$/)
  })

  describe.each(["light", "dark"] as const)("in %s", (colorScheme) => {
    it.each([["wide", 1280], ["narrow", 360]])("has no accessibility findings, %s", async (_name, width) => {
      const { admin, ask, url } = await serve()
      const page = await open(url, { colorScheme, viewport: { width, height: 720 } })
      await page.getByText("No requests yet.").waitFor()
      expect(await accessibilityFindings(page)).toEqual([])
      await ask("mock_503_x2_then_ok")
      await ask("mock_unauthorized")
      await ask("mock_302")
      await ask("mock_truncated").catch(() => "broken")
      await admin.freeze("mock_503_x2_then_ok")
      await admin.spend("mock_503_x2_then_ok", { credits: 10 })
      await eventually(() => rows(page).count()).toBe(4)
      const frozen = card(page, "mock_503…1")
      await frozen.getByRole("button", { name: "mock_503…1" }).click()
      await frozen.getByLabel("Plan").fill("nonsense")
      await page.keyboard.press("Enter")
      await page.getByText("is no step").waitFor()
      expect(await accessibilityFindings(page)).toEqual([])
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)
    })
  })
})
