/**
 * A registry on this machine that has the packed packages, and newer versions of others that nobody published yet. What
 * it does not have it asks of the registry that npm is set up for.
 */
import { createHash } from "node:crypto"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import { basename, join } from "node:path"
import { type Packed, run } from "../packed.ts"

interface Package {
  readonly name: string
  readonly version: string
}

interface Document {
  readonly name: string
  readonly "dist-tags": { readonly latest: string }
  readonly versions: Readonly<Record<string, Package>>
  readonly time?: Readonly<Record<string, string>>
}

const manifestIn = (tarball: string): Package => JSON.parse(run("tar", ["-xOf", tarball, "package/package.json"]))

/** A copy of a package as the registry has it, under a version that nobody published. */
export const newerVersion = (name: string, version: string, work: string): string => {
  const folder = join(work, `newer-${basename(name)}`)
  mkdirSync(folder, { recursive: true })
  const [tarball] = run("npm", ["pack", name, "--silent"], folder).trim().split("\n").slice(-1)
  run("tar", ["-xzf", String(tarball)], folder)
  const manifest = join(folder, "package/package.json")
  writeFileSync(manifest, JSON.stringify({ ...manifestIn(join(folder, String(tarball))), version }))
  const file = join(folder, `${basename(name)}-${version}.tgz`)
  run("tar", ["-czf", file, "package"], folder)
  return file
}

export interface Registry {
  readonly url: string
  close(): void
}

/** Long ago: some package managers wait before they take what is new. */
const published = "2026-01-01T00:00:00.000Z"

export const startRegistry = async (packed: ReadonlyArray<Packed>, newer: ReadonlyArray<string>): Promise<Registry> => {
  const upstream = run("npm", ["config", "get", "registry"]).trim().replace(/\/$/, "")
  const files = [...packed.map(({ file }) => file), ...newer]
  const byName = new Map(files.map((file) => [manifestIn(file).name, file]))

  const documentOf = async (file: string, origin: string): Promise<Document> => {
    const manifest = manifestIn(file)
    const { name, version } = manifest
    const integrity = `sha512-${createHash("sha512").update(readFileSync(file)).digest("base64")}`
    const here = { ...manifest, dist: { tarball: `${origin}/-/${basename(file)}`, integrity } }
    const none: Document = { name, "dist-tags": { latest: version }, versions: {}, time: {} }
    const there: Document = newer.includes(file) ? await (await fetch(`${upstream}/${name}`)).json() : none
    return {
      ...there,
      "dist-tags": { ...there["dist-tags"], latest: version },
      versions: { ...there.versions, [version]: here },
      time: { ...there.time, [version]: published, modified: published, created: published }
    }
  }

  const answer = async (path: string, accept: string, origin: string): Promise<Response> => {
    const tarball = files.find((file) => path === `/-/${basename(file)}`)
    if (tarball !== undefined) return new Response(readFileSync(tarball))
    const [, name = "", latest] = /^\/(.+?)(\/latest)?$/.exec(decodeURIComponent(path)) ?? []
    const file = byName.get(name)
    if (file === undefined) return fetch(upstream + path, { headers: { accept } })
    const document = await documentOf(file, origin)
    return Response.json(latest === undefined ? document : document.versions[document["dist-tags"].latest])
  }

  const server = createServer(async (request, response) => {
    const origin = `http://${request.headers.host}`
    try {
      const found = await answer(request.url ?? "/", request.headers.accept ?? "*/*", origin)
      const body = new Uint8Array(await found.arrayBuffer())
      const type = found.headers.get("content-type") ?? "application/octet-stream"
      response.writeHead(found.status, { "content-type": type }).end(body)
    } catch (error) {
      response.writeHead(502).end(String(error))
    }
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  if (address === null || typeof address === "string") throw new Error("the registry has no port")
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () => {
      server.close()
      server.closeAllConnections()
    }
  }
}
