import { networkInterfaces } from "node:os"
import { describe, expect, it } from "vitest"
import { browserOf, cellsOf, chromiumPath, connection, eventually, rows, serve } from "./support.ts"

describe.skipIf(chromiumPath === undefined)("the connection of the page (needs chromium)", { timeout: 60_000 }, () => {
  const open = browserOf()

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
})
