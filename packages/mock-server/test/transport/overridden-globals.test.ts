import { getRequestListener } from "@hono/node-server"
import { expect, it } from "vitest"
import { createMockServer } from "../../src/index.ts"

const headers = (key: string) => ({ headers: { "x-api-key": key } })

it("works beside a server that has put its own Request and Response in place of the global ones", async () => {
  const native = globalThis.Response
  getRequestListener(() => new Response())
  expect(globalThis.Response).not.toBe(native)

  const server = createMockServer()
  await using running = await server.listen()
  const url = `${running.baseUrl}/credit/balance`
  expect((await fetch(url, headers("mock_503"))).status).toBe(503)
  expect((await server.fetch(new Request(url, headers("mock_503")))).status).toBe(503)
  await expect(fetch(url, headers("mock_reset"))).rejects.toMatchObject({ cause: { code: "ECONNRESET" } })
  await expect(fetch(url, headers("mock_truncated")).then((response) => response.text())).rejects.toThrow("terminated")
})
