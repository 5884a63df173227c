import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { expect, it } from "vitest"

const cli = new URL("../../src/cli/run.ts", import.meta.url).href

it("another bin starts the server in its own name", async () => {
  const program = `import { run } from ${JSON.stringify(cli)}; await run(["--port", "x"], {}, "other mock")`
  const ended = await promisify(execFile)(process.execPath, ["--input-type=module-typescript", "-e", program])
    .catch((error: unknown) => error)
  expect(ended).toMatchObject({
    code: 2,
    stderr: `other mock: --port must be a whole number from 0 to 65535, not "x". See other mock --help\n`
  })
})
