/** A picture of the mock server's page while tests run: `docs/pictures/page.png`. */
import { createMockServer } from "@effect-pollo/mock-server"
import { statSync } from "node:fs"
import { join } from "node:path"
import { setTimeout } from "node:timers/promises"
import { chromium } from "playwright-core"
import { chromiumPath } from "../chromium.ts"
import { root } from "../markdown.ts"

const server = createMockServer()
const running = await server.listen({ port: 0 })

/** What a client does that retries: asks until it has an answer, and waits as long as the server says. */
const ask = async (key: string, times: number, waitMillis = 120): Promise<void> => {
  for (let attempt = 0; attempt < times; attempt++) {
    await fetch(`${running.baseUrl}/credit/balance`, { headers: { "x-api-key": key }, redirect: "manual" })
      .then((response) => response.text())
      .catch(() => "")
    await setTimeout(waitMillis)
  }
}

const browser = await chromium.launch({ executablePath: chromiumPath, args: ["--no-sandbox", "--disable-gpu"] })
try {
  const page = await browser.newPage({ viewport: { width: 1060, height: 440 }, reducedMotion: "reduce" })
  await page.goto(`${running.url}/__admin/`)
  await server.admin.setAccount("render-farm", { availableCredits: 1000, limit: { capacity: 3, refillPerSecond: 1 } })
  await Promise.all([
    ask("mock_503_x2_then_ok.checkout", 3),
    ask("mock_reset_then_ok.network", 2),
    ask("mock_401.expired-key", 1),
    ask("mock_delay_250_before_ok.slow", 2)
  ])
  for (const credits of [120, 80, 200, 60]) {
    await server.admin.spend("render-farm", { credits })
    await ask("render-farm", 1)
  }
  await page.getByRole("article").nth(4).waitFor()
  await setTimeout(500)
  const file = join(root, "docs/pictures/page.png")
  await page.screenshot({ path: file })
  console.log(`${statSync(file).size} bytes in ${file}`)
} finally {
  await browser.close()
  await running.close()
}
