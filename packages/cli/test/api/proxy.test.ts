/** Real proxies and a real https server, each on a port of this machine. */
import { spawnSync } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { createServer, type IncomingMessage, type Server } from "node:http"
import { createServer as createHttpsServer } from "node:https"
import {
  type AddressInfo,
  connect,
  createServer as createTcpServer,
  type Server as TcpServer,
  type Socket
} from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { exitCodes } from "../../src/index.ts"
import { lines, run, start } from "../support/cli.ts"

const folder = mkdtempSync(join(tmpdir(), "pollo-credits-"))
const file = (name: string) => join(folder, name)

// A certificate for a host that only the proxy can reach, and for this machine.
const subject = "-subj /CN=pollo.test -addext subjectAltName=DNS:pollo.test,DNS:sub.pollo.test,DNS:localhost"
const kind = `req -x509 -newkey rsa:2048 -nodes -days 2 ${subject}`
const files = ["-keyout", file("key.pem"), "-out", file("cert.pem")]
const hasOpenssl = spawnSync("openssl", [...kind.split(" "), ...files]).status === 0
const certified = hasOpenssl ? { key: readFileSync(file("key.pem")), cert: readFileSync(file("cert.pem")) } : {}

const portOf = (server: TcpServer): number => (server.address() as AddressInfo).port
const listening = async <S extends TcpServer>(server: S): Promise<S> => {
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  return server
}

const origin = createHttpsServer(certified)
const answered: Array<string | undefined> = []
origin.on("request", (request: IncomingMessage, response) => {
  answered.push(`${request.method} ${request.url} ${request.headers["x-api-key"]}`)
  response.writeHead(200, { "content-type": "application/json" })
  response.end("{\"availableCredits\":5,\"totalCredits\":10}")
})

interface Tunnels {
  readonly server: Server
  readonly asked: Array<string>
}

/** A proxy that leads everything to the https server, and writes down what it was asked for. */
const makeProxy = async (credentials?: string): Promise<Tunnels> => {
  const asked: Array<string> = []
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    response.writeHead(400).end()
  })
  server.on("connect", (request: IncomingMessage, socket: Socket) => {
    asked.push(`CONNECT ${request.url}`)
    const given = request.headers["proxy-authorization"]
    if (credentials !== undefined && given !== `Basic ${Buffer.from(credentials).toString("base64")}`) {
      return socket.end("HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic\r\n\r\n")
    }
    const upstream = connect(portOf(origin), "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection Established\r\n\r\n")
      upstream.pipe(socket).pipe(upstream)
    })
    for (const end of [upstream, socket]) end.on("error", () => end.destroy())
    return undefined
  })
  return { server: await listening(server), asked }
}

/** A SOCKS5 proxy: no sign-in, CONNECT to anything, and it is the https server. */
const makeSocks = (): Promise<TcpServer> =>
  listening(createTcpServer((socket) => {
    socket.on("error", () => socket.destroy())
    socket.once("data", () => {
      socket.write(Uint8Array.of(5, 0))
      socket.once("data", () => {
        const upstream = connect(portOf(origin), "127.0.0.1", () => {
          socket.write(Uint8Array.of(5, 0, 0, 1, 127, 0, 0, 1, 0, 0))
          upstream.pipe(socket).pipe(upstream)
        })
        upstream.on("error", () => socket.destroy())
      })
    })
  }))

const servers: Array<TcpServer> = []
const proxy = async (credentials?: string) => {
  const made = await makeProxy(credentials)
  servers.push(made.server)
  return { ...made, url: `http://127.0.0.1:${portOf(made.server)}` }
}

beforeAll(async () => {
  servers.push(await listening(origin))
})
afterAll(() => {
  for (const server of servers) server.close()
  rmSync(folder, { recursive: true })
})

const env = (more: Record<string, string>): Record<string, string> => ({
  POLLO_API_KEY: "proxied-key",
  POLLO_BASE_URL: "https://pollo.test/api/platform",
  POLLO_MAX_RETRIES: "0",
  NODE_EXTRA_CA_CERTS: file("cert.pem"),
  ...more
})

describe.skipIf(!hasOpenssl).concurrent("a proxy (needs openssl)", () => {
  it.each(["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])(
    "of %s carries the request in a tunnel, and sees no more than the host",
    async (variable) => {
      const { asked, url } = await proxy()
      const { code, stderr, stdout } = await run(["balance"], { env: env({ [variable]: url }) })
      expect([code, stderr, stdout]).toEqual([0, "", expect.stringContaining("5 of")])
      expect(asked).toEqual(["CONNECT pollo.test:443"])
      expect(answered).toContain("GET /api/platform/credit/balance proxied-key")
    }
  )

  it("may be named without a scheme, in small letters before capitals, and for the API before all others", async () => {
    const { asked, url } = await proxy()
    const dead = "http://127.0.0.1:1"
    for (
      const more of [
        { HTTPS_PROXY: url.slice("http://".length) },
        { https_proxy: url, HTTPS_PROXY: dead },
        { HTTPS_PROXY: url, ALL_PROXY: dead },
        { https_proxy: "", HTTPS_PROXY: url }
      ]
    ) {
      expect(await run(["balance"], { env: env(more) })).toMatchObject({ code: 0 })
    }
    expect(asked).toHaveLength(4)
  })

  it("is given the user name and the password of its URL, and a 407 is told as what it is", async () => {
    const { asked, url } = await proxy("user:p@ss")
    const signedIn = url.replace("http://", "http://user:p%40ss@")
    expect(await run(["balance"], { env: env({ HTTPS_PROXY: signedIn }) })).toMatchObject({ code: 0, stderr: "" })
    const { code, stderr } = await run(["balance"], { env: env({ HTTPS_PROXY: url.replace("//", "//user:canary@") }) })
    expect(code).toBe(exitCodes.PolloTransportError.code)
    expect(lines(stderr)).toEqual([
      "pollo-credits: a proxy on the way wants a user name and a password",
      "  why: the API has not seen the request; HTTPS_PROXY names the proxy",
      "  fix: put them into the URL of HTTPS_PROXY, as http://user:password@proxy:port"
    ])
    expect(stderr).not.toContain("canary")
    expect(asked).toHaveLength(2)
  })

  it("of SOCKS5 carries the request too", async () => {
    const socks = await makeSocks()
    servers.push(socks)
    const { code, stderr, stdout } = await run(["balance"], {
      env: env({ ALL_PROXY: `socks5://127.0.0.1:${portOf(socks)}` })
    })
    expect([code, stdout]).toEqual([0, expect.stringContaining("5 of")])
    expect(stderr).toContain("ExperimentalWarning: SOCKS5")
  })

  it.each([
    ["localhost", false],
    ["example.com, localhost", false],
    ["*", false],
    ["LOCALHOST", false],
    ["example.com", true],
    ["host", true],
    ["", true]
  ])("with NO_PROXY=%j is asked for localhost: %s", async (noProxy, isAsked) => {
    const { asked, url } = await proxy()
    for (const name of ["NO_PROXY", "no_proxy"]) {
      const more = {
        HTTPS_PROXY: url,
        [name]: noProxy,
        POLLO_BASE_URL: `https://localhost:${portOf(origin)}/api/platform`
      }
      expect(await run(["balance"], { env: env(more) })).toMatchObject({ code: 0 })
    }
    expect(asked).toHaveLength(isAsked ? 2 : 0)
  })

  it("is never asked over plain http, which is for loopback addresses alone", async () => {
    const { asked, url } = await proxy()
    const plain = await listening(
      createServer((_, response) => response.end("{\"availableCredits\":5,\"totalCredits\":10}"))
    )
    servers.push(plain)
    const POLLO_BASE_URL = `http://127.0.0.1:${portOf(plain)}`
    for (const more of [{ HTTPS_PROXY: url }, { HTTP_PROXY: url, http_proxy: url, ALL_PROXY: url }]) {
      expect(await run(["balance"], { env: env({ ...more, POLLO_BASE_URL }) })).toMatchObject({ code: 0 })
    }
    expect(asked).toEqual([])
  })

  it("that is not there is named", async () => {
    const { code, stderr } = await run(["balance"], { env: env({ https_proxy: "http://127.0.0.1:1" }) })
    expect([code, lines(stderr)[1]]).toEqual([17, "  why: nothing listens at the address of https_proxy"])
  })

  it.each(["ftp://canary", "http://", "socks4://canary:1"])("%s is refused without a word of it", async (url) => {
    const { code, stderr } = await run(["balance"], { env: env({ HTTPS_PROXY: url }) })
    expect(code).toBe(exitCodes.Setup.code)
    expect(stderr).toContain("pollo-credits: HTTPS_PROXY must be the URL of an http or socks5 proxy")
    expect(stderr).not.toContain("canary")
  })

  it("carries the webhook too", async () => {
    const { asked, url } = await proxy()
    const watch = ["watch", "--every", "1h", "--low", "8", "--webhook", "https://sub.pollo.test/path"]
    const running = start(watch, { env: env({ HTTPS_PROXY: url }) })
    await vi.waitFor(() => expect(answered).toContain("POST /path undefined"), { timeout: 15_000 })
    running.kill("SIGINT")
    expect(await running.ended).toMatchObject({ code: 130, stderr: "" })
    expect(asked).toEqual(["CONNECT pollo.test:443", "CONNECT sub.pollo.test:443"])
  })
})

it("undici is loaded for a proxy alone", async () => {
  const listing = new URL("../support/list-modules.ts", import.meta.url).href
  const loaded = async (more: Record<string, string>) => {
    const { stderr } = await run(["balance"], { env: env(more), node: ["--import", listing] })
    return stderr.split("\n").some((line) => line.startsWith("file:") && line.includes("/node_modules/undici/"))
  }
  expect([await loaded({ POLLO_BASE_URL: "http://127.0.0.1:1" }), await loaded({ HTTPS_PROXY: "http://127.0.0.1:1" })])
    .toEqual([false, true])
})
