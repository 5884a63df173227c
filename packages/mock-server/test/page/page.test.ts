import { describe, expect, it } from "vitest"
import {
  accessibilityFindings,
  browserOf,
  card,
  cellsOf,
  chartOf,
  chromiumPath,
  connection,
  eventually,
  rows,
  serve
} from "./support.ts"

describe.skipIf(chromiumPath === undefined)("the page (needs chromium)", { timeout: 60_000 }, () => {
  const open = browserOf()

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

  it("tells a screen reader of new requests, several in one sentence", async () => {
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
