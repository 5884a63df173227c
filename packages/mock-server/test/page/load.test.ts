import { describe, expect, it } from "vitest"
import { accessibilityFindings, browserOf, chromiumPath, serve } from "./support.ts"

describe.skipIf(chromiumPath === undefined)("the page under load (needs chromium)", { timeout: 60_000 }, () => {
  const open = browserOf()

  it("asks for its layout a few times and not for each key, and draws no more than it shows", async () => {
    const { ask, url } = await serve()
    for (let n = 0; n < 20; n++) await ask(`mock_ok.first-${n}`)
    const page = await open(url)
    await page.locator("#accounts article").nth(19).waitFor()
    await page.evaluate(() => {
      const counts = { layouts: 0, rows: 0 }
      Reflect.set(globalThis, "counts", counts)
      const scroller = document.querySelector("#keys .scroll")
      if (scroller !== null) scroller.scrollTop = 40
      for (const [type, name] of [[Element, "scrollTop"], [HTMLElement, "offsetHeight"], [HTMLElement, "offsetTop"]]) {
        const owner: object = Reflect.get(Object(type), "prototype")
        const own = Object.getOwnPropertyDescriptor(owner, String(name))
        Object.defineProperty(owner, String(name), {
          ...own,
          get() {
            counts.layouts++
            return own?.get?.call(this)
          }
        })
      }
      new MutationObserver((changes) => {
        for (const { addedNodes } of changes) counts.rows += addedNodes.length
      }).observe(document.querySelector("#requests tbody") ?? document.body, { childList: true })
    })
    const keys = 1000
    await Promise.all(Array.from({ length: keys }, (_, n) => ask(`mock_ok.key-${n}`)))
    await expect.poll(() => page.locator("#key-count").innerText(), { timeout: 20_000 }).toBe(`100 of ${keys + 20}`)
    const counts: { layouts: number; rows: number } = await page.evaluate(() => Reflect.get(globalThis, "counts"))
    expect(counts.layouts).toBeLessThan(keys)
    expect(await page.locator("#requests tbody tr").count()).toBe(200)
  })

  it("says what is wrong with a token that no header can hold, and takes the right one then", async () => {
    const { url } = await serve({ adminToken: "the-token" })
    const page = await open(url)
    const token = page.getByLabel("Admin token")
    await token.fill("“the-token”")
    await page.getByRole("button", { name: "Use token" }).click()
    await page.getByText("No token has such characters").waitFor()
    expect(await token.getAttribute("aria-invalid")).toBe("true")
    await token.fill("the-token")
    await page.getByRole("button", { name: "Use token" }).click()
    await page.getByText("No requests yet.").waitFor()
  })

  it("forgets a token that it could never have sent", async () => {
    const { url } = await serve({ adminToken: "the-token" })
    const page = await open(url)
    await page.evaluate(() => sessionStorage.setItem("pollo-mock-admin-token", "“old”"))
    await page.reload()
    await page.getByLabel("Admin token").fill("the-token")
    await page.getByRole("button", { name: "Use token" }).click()
    await page.getByText("No requests yet.").waitFor()
  })

  it("works where the browser keeps nothing for it", async () => {
    const { url } = await serve({ adminToken: "the-token" })
    const page = await open(url)
    await page.addInitScript(() =>
      Object.defineProperty(globalThis, "sessionStorage", {
        get() {
          throw new DOMException("blocked", "SecurityError")
        }
      })
    )
    await page.reload()
    await page.getByLabel("Admin token").fill("the-token")
    await page.getByRole("button", { name: "Use token" }).click()
    await page.getByText("No requests yet.").waitFor()
  })

  it("has the controls of a key in view once it is opened, on a phone too", async () => {
    const { ask, url } = await serve()
    for (let n = 0; n < 12; n++) await ask(`mock_ok.key-${n}`)
    const page = await open(url, { viewport: { width: 375, height: 667 } })
    const last = page.locator("#accounts article").nth(11)
    await last.locator("[data-toggle]").click()
    const box = await last.locator("[data-form=clock]").boundingBox()
    expect(box?.y).toBeGreaterThanOrEqual(0)
    expect((box?.y ?? Infinity) + (box?.height ?? 0)).toBeLessThanOrEqual(667)
  })

  it("shows of a mock_ key the part after the dot that tells tests apart, and of a secret no more than its label", async () => {
    const { ask, url } = await serve()
    await ask("mock_503_then_ok.checkout-shows-a-warning")
    await ask("pollo_secret.key-of-somebody")
    const page = await open(url)
    const toggles = page.locator("#accounts [data-toggle]")
    await toggles.nth(1).waitFor()
    expect(await toggles.allInnerTexts()).toEqual(["pollo_se…2", "mock_503…1 .checkout-shows-a-warning"])
  })

  it("shows the path where there is room", async () => {
    const { ask, url } = await serve()
    await ask("mock_ok")
    for (const [width, shown] of [[1600, true], [1000, false], [375, false]] as const) {
      const page = await open(url, { viewport: { width, height: 800 } })
      await page.locator("#requests tbody tr").waitFor()
      expect(await page.locator("td.path").isVisible()).toBe(shown)
    }
  })

  it("has a documentation page with a main part and nothing that keeps anybody out", async () => {
    const { url } = await serve()
    const page = await open(url)
    await page.goto(`${url}/__admin/docs`)
    expect(await page.locator("main h1").count()).toBe(1)
    expect(await accessibilityFindings(page)).toEqual([])
  })
})
