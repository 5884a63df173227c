/** Runs a bundled program inside workerd, the runtime of Cloudflare's Workers. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { root } from "../packed.ts"
import { write } from "./project.ts"

const config = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "program", worker = (
      modules = [(name = "worker", esModule = embed "worker.js")],
      compatibilityDate = "2026-01-01",
      globalOutbound = "loopback"
    )),
    (name = "loopback", network = (allow = ["private"], deny = []))
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "program")]
);
`

const worker = (script: string, baseUrl: string) =>
  `${script}
export default {
  fetch: async () => new Response((await globalThis.differences(${JSON.stringify(baseUrl)}, "workerd")).join("\\n"))
}
`

export const onWorkerd = async (baseUrl: string, script: string): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), "effect-pollo-workerd-"))
  write(folder, { "worker.js": worker(script, baseUrl), "config.capnp": config })
  const binary = join(root, "packages/mock-server/node_modules/.bin/workerd")
  const child = spawn(binary, ["serve", "--control-fd=1", join(folder, "config.capnp")], { detached: true })
  const exited = once(child, "exit")
  let said = ""
  const port = new Promise<string>((resolve, reject) => {
    const hear = (chunk: Buffer): void => {
      said += chunk.toString()
      const [, announced] = /"port":(\d+)/.exec(said) ?? []
      if (announced !== undefined) resolve(announced)
    }
    child.stdout.on("data", hear)
    child.stderr.on("data", hear)
    exited.then(() => reject(new Error(said)), reject)
  })
  try {
    const answer = await (await fetch(`http://127.0.0.1:${await port}/`)).text()
    if (answer !== "") throw new Error(answer)
  } finally {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL")
    await exited
    rmSync(folder, { recursive: true, force: true })
  }
}
