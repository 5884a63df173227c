/** Records `pollo-credits watch` against the mock server, and draws it: `docs/pictures/watch-terminal.svg`. */
import { createMockServer } from "@effect-pollo/mock-server"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout } from "node:timers/promises"
import { root } from "../markdown.ts"
import { drawing } from "./drawing.ts"
import { record } from "./recording.ts"

const key = "mock_ok.picture"
const server = createMockServer()
const running = await server.listen({ port: 0 })
await server.admin.setAccount(key, { availableCredits: 640, totalCredits: 2000 })

/** Jobs that cost what videos cost, one every half second or so, until somebody buys credits. */
const jobs = [30, 10, 80, 20, 40, 10, 60, 30, 10, 50]
const frames = await record(
  process.execPath,
  [join(root, "packages/cli/src/bin.ts"), "watch", "--every", "500ms", "--low", "300"],
  {
    columns: 96,
    rows: 4,
    env: { PATH: process.env["PATH"] ?? "", POLLO_BASE_URL: running.baseUrl, POLLO_API_KEY: key, FORCE_COLOR: "1" }
  },
  async () => {
    await setTimeout(2500)
    for (const credits of jobs) {
      await server.admin.spend(key, { credits })
      await setTimeout(550)
    }
    await server.admin.topUp(key, { credits: 1500 })
    await setTimeout(2500)
  }
)
await running.close()
const file = join(root, "docs/pictures/watch-terminal.svg")
// The start of the program is not what there is to see.
const shown = frames.slice(frames.findIndex(({ lines }) => lines.some((runs) => runs.length > 0)))
writeFileSync(file, drawing("pollo-credits watch --every 500ms --low 300", shown, { columns: 96, rows: 4 }))
console.log(`${shown.length} frames in ${file}`)
