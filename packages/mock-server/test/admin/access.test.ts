import { request as httpRequest } from "node:http"
import type { OutgoingHttpHeaders } from "node:http"
import { connect } from "node:net"
import { text } from "node:stream/consumers"
import { describe, expect, it, onTestFinished } from "vitest"
import { createMockServer, InvalidOptionError } from "../../src/index.ts"
import type { ListenOptions, MockServerOptions } from "../../src/index.ts"
import { isError } from "../support.ts"

const token = "a-long-enough-token"

const start = async (options?: MockServerOptions, listenOptions?: ListenOptions) => {
  const server = createMockServer(options)
  const running = await server.listen(listenOptions)
  onTestFinished(() => running.close())
  const ask = async (headers: OutgoingHttpHeaders, path = "/__admin/health", method = "GET", body = "") => {
    const answer = await new Promise<{ status: number; headers: Headers; text: string }>((resolve, reject) => {
      const asking = httpRequest({ port: running.port, host: "127.0.0.1", path, method, headers }, (incoming) => {
        const received = new Headers(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]))
        text(incoming).then(
          (read) => resolve({ status: incoming.statusCode ?? 0, headers: received, text: read }),
          reject
        )
      })
      asking.on("error", reject).end(body)
    })
    if (answer.status > 400) expect(isError(JSON.parse(answer.text))).toBe(true)
    return answer
  }
  return { ...running, server, ask }
}

describe("the admin API on this machine", () => {
  it.each(["localhost", "localhost:80", "LOCALHOST:4010", "127.0.0.1", "127.8.9.10:1", "[::1]", "[::1]:4010"])(
    "answers to the host %s and to pages from there",
    async (host) => {
      const { ask } = await start()
      expect((await ask({ host, origin: `http://${host}` })).status).toBe(200)
      expect((await ask({ host, origin: `https://${host}` })).status).toBe(200)
    }
  )

  it.each([
    "evil.example",
    "evil.example:4010",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "192.168.1.5:4010",
    "[::2]"
  ])("refuses the host %s, whose page a browser would take it for", async (host) => {
    const { ask, server } = await start()
    await server.admin.setAccount("k", { availableCredits: 1 })
    for (const path of ["/__admin/health", "/__admin", "/__admin/", "/__admin/docs", "/__admin/openapi.json"]) {
      expect((await ask({ host }, path)).status).toBe(403)
    }
    expect((await ask({ host }, "/__admin/reset", "POST")).status).toBe(403)
    expect((await server.admin.account("k")).availableCredits).toBe(1)
  })

  it.each(["127.0.0.1@evil.example", "evil.example#localhost", "::1", "localhost:80:80"])(
    "takes %s for no host at all",
    async (host) => {
      const { ask } = await start()
      expect(await ask({ host })).toMatchObject({ status: 400, text: "" })
    }
  )

  it.each([
    "https://evil.example",
    "http://localhost.evil.example",
    "http://127.0.0.1.evil.example",
    "http://localhost@evil.example",
    "null",
    "file://",
    "localhost",
    "ftp://localhost",
    "http://localhost/evil",
    "http://localhost:3000",
    "http://127.0.0.1:3000"
  ])("refuses pages of %s, also to change something", async (origin) => {
    const { ask, server } = await start()
    await server.admin.setAccount("k", { availableCredits: 1 })
    expect((await ask({ origin })).status).toBe(403)
    for (const type of ["application/json", "text/plain"]) {
      expect((await ask({ origin, "content-type": type }, "/__admin/reset", "POST")).status).toBe(403)
    }
    expect((await server.admin.account("k")).availableCredits).toBe(1)
  })

  it("treats a page under another name of this machine as foreign", async () => {
    const { ask, port } = await start()
    const host = `localhost:${port}`
    expect((await ask({ host, origin: `http://127.0.0.1:${port}` }, "/__admin/reset", "POST")).status).toBe(403)
    expect((await ask({ host, origin: "http://localhost" }, "/__admin/reset", "POST")).status).toBe(403)
    expect((await ask({ host, origin: `http://${host}` }, "/__admin/reset", "POST")).status).toBe(204)
  })

  it("lets no page of any origin read across origins", async () => {
    const { ask } = await start()
    for (const origin of ["http://localhost:3000", "https://evil.example"]) {
      for (const method of ["GET", "OPTIONS"]) {
        const { headers } = await ask({ origin, "access-control-request-method": "PUT" }, "/__admin/settings", method)
        expect([...headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([])
      }
    }
  })

  it("does the same in process, where there need not be a host", async () => {
    const { server } = await start()
    const ask = async (headers: Record<string, string>) =>
      (await server.fetch(new Request("http://anything/__admin/health", { headers }))).status
    expect([await ask({}), await ask({ host: "evil.example" }), await ask({ origin: "https://evil.example" })])
      .toEqual([200, 403, 403])
    expect(await ask({ origin: "http://anything" })).toBe(200)
  })
})

describe("the admin token", () => {
  it("is required everywhere except on the pages that show nothing of the server", async () => {
    const { ask } = await start({ adminToken: token })
    for (
      const authorization of [undefined, "", "Bearer", "Bearer ", `Bearer ${token}x`, `Bearer ${token.slice(1)}`, token]
    ) {
      const { headers, status } = await ask(authorization === undefined ? {} : { authorization })
      expect([status, headers.get("www-authenticate")]).toEqual([401, "Bearer"])
    }
    for (const path of ["/__admin/settings", "/__admin/requests", "/__admin/nowhere"]) {
      expect((await ask({}, path)).status).toBe(401)
    }
    expect((await ask({ authorization: `Bearer ${token}` })).status).toBe(200)
    expect((await ask({ authorization: `bearer ${token}` })).status).toBe(200)
    expect((await ask({}, "/__admin/openapi.json")).status).toBe(200)
  })

  it("does not let pages of other origins in", async () => {
    const { ask } = await start({ adminToken: token })
    expect((await ask({ authorization: `Bearer ${token}`, origin: "https://evil.example" })).status).toBe(403)
  })

  it.each(["", "with space", "naïve", "line\nbreak"])("cannot be %j", (adminToken) => {
    const attempt = () => createMockServer({ adminToken })
    expect(attempt).toThrow(InvalidOptionError)
    expect(attempt).toThrow(/^adminToken must be visible ASCII/)
    if (adminToken !== "") expect(attempt).not.toThrow(adminToken)
  })

  it("makes no difference to the methods in code", async () => {
    const { server } = await start({ adminToken: token })
    expect(await server.admin.health()).toEqual({ status: "ok" })
  })
})

describe("an address that other machines can reach", () => {
  it("has no admin API without a token, and says so", async () => {
    const { ask, server } = await start({}, { host: "0.0.0.0" })
    for (const path of ["/__admin/health", "/__admin/", "/__admin/docs", "/__admin/requests"]) {
      const { status, text: answer } = await ask({ host: "localhost" }, path)
      expect(status).toBe(403)
      expect(answer).toContain("token")
    }
    expect((await ask({ "x-api-key": "k" }, "/api/platform/credit/balance")).status).toBe(200)
    expect(await server.admin.countRequests({ key: "k" })).toEqual({ count: 1 })
  })

  it("has the admin API with a token, under any host name", async () => {
    const { ask } = await start({ adminToken: token }, { host: "0.0.0.0" })
    expect((await ask({ host: "mock.test:4010", authorization: `Bearer ${token}` })).status).toBe(200)
    expect((await ask({ host: "mock.test:4010" })).status).toBe(401)
  })

  it("accepts its own page there, and no other page", async () => {
    const { ask } = await start({ adminToken: token }, { host: "0.0.0.0" })
    const status = async (origin: string) =>
      (await ask({ host: "mock.test:4010", origin, authorization: `Bearer ${token}` })).status
    expect(await status("http://mock.test:4010")).toBe(200)
    expect(await status("https://mock.test:4010")).toBe(200)
    for (const origin of ["http://mock.test", "http://localhost:4010", "http://evil.example", "null"]) {
      expect(await status(origin)).toBe(403)
    }
  })
})

describe("bodies", () => {
  it("have at most 64 KiB, whether they say how long they are or not", async () => {
    const { ask, baseUrl, port } = await start()
    const path = "/__admin/accounts/k/plan"
    expect((await ask({}, path, "PUT", JSON.stringify({ steps: ["x".repeat(65_536)] }))).status).toBe(413)
    const endless = await new Promise<number | undefined>((resolve, reject) => {
      const asking = httpRequest({ port, host: "127.0.0.1", path, method: "PUT" }, ({ statusCode }) => {
        clearInterval(more)
        resolve(statusCode)
        asking.destroy()
      })
      asking.on("error", reject)
      const more = setInterval(() => asking.write("x".repeat(10_000)), 1)
    })
    expect(endless).toBe(413)
    const announced = await new Promise<string>((resolve) => {
      const socket = connect(port, "127.0.0.1")
      socket.write(
        "PUT /__admin/settings HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: 99999999\r\n\r\n"
      )
      socket.once("data", (head) => {
        resolve(String(head).slice(0, 12))
        socket.destroy()
      })
    })
    expect(announced).toBe("HTTP/1.1 413")
    expect((await fetch(`${baseUrl}/credit/balance`, { headers: { "x-api-key": "k" } })).status).toBe(200)
  })
})
