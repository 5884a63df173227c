import { spawn } from "node:child_process"
import { once } from "node:events"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { createMockServer } from "../src/index.ts"
import type { ListeningServer } from "../src/index.ts"
import { findStep } from "../src/steps/table.ts"
import { namedSteps, read } from "./support.ts"

/*
 * A second opinion: Prism, as a proxy in front of the server, holds every answer against the vendor's document. It
 * knows nothing of ours, and has its own reading of OpenAPI.
 */

const prism = join(
  dirname(createRequire(import.meta.url).resolve("@stoplight/prism-cli/package.json")),
  "dist/index.js"
)
const spec = join(import.meta.dirname, "../spec/openapi.json")

const startPrism = async (upstream: string) => {
  const child = spawn(process.execPath, [prism, "proxy", spec, upstream, "--errors", "--port=0"])
  const exited = once(child, "exit")
  const url = await new Promise<string>((resolve, reject) => {
    let output = ""
    const hear = (chunk: Buffer): void => {
      output += chunk.toString()
      const [, announced] = /Prism is listening on (\S+)/.exec(output) ?? []
      if (announced !== undefined) resolve(announced)
    }
    child.stdout.on("data", hear)
    child.stderr.on("data", hear)
    exited.then(() => reject(new Error(`Prism stopped: ${output}`)), reject)
  })
  const stop = async (): Promise<void> => {
    child.kill("SIGKILL")
    await exited
  }
  return { url, stop }
}

let mock: ListeningServer | undefined
let proxy = { url: "", stop: async (): Promise<void> => {} }
beforeAll(async () => {
  mock = await createMockServer({ slowMillis: 5 }).listen()
  proxy = await startPrism(mock.baseUrl)
}, 60_000)
afterAll(async () => {
  await proxy.stop()
  await mock?.close()
})

const ask = async (origin: string, key?: string, signal: AbortSignal | null = null) =>
  read(
    await fetch(`${origin}/credit/balance`, { headers: key === undefined ? {} : { "x-api-key": key }, signal })
  )

/** Steps whose names hold numbers or forms, one of each kind. */
const measured = [
  "delay_5",
  "delay_uniform_1_5",
  "delay_lognormal_5_1",
  "dribble_3_30",
  "truncated_5",
  "oversized_100000",
  "rate_limited_date",
  "rate_limited_garbage",
  "503_huge"
].map((name) => ({ name, step: findStep(name) ?? expect.fail(name) }))

const steps = [...namedSteps, ...measured]

/** Where the answer never ends, Prism waits for its end, as any proxy would. */
const endless = new Set(["hang", "hang_after_headers", "truncated"])

/** Prism takes this one as a request to answer by itself, so it says nothing about ours. */
const answeredByPrism = "501"

describe("Prism, in front of the server", () => {
  it("answers by itself what an upstream has not implemented", async () => {
    expect(await ask(proxy.url, `mock_${answeredByPrism}`)).toMatchObject({
      status: 200,
      text: JSON.stringify({ availableCredits: 0, totalCredits: 0 })
    })
  })

  it.each(steps.filter(({ name, step }) => step.conforms && name !== answeredByPrism))(
    "passes mock_$name on as it is",
    async ({ name }) => {
      const [direct, proxied] = await Promise.all([
        ask(mock?.baseUrl ?? "", `mock_${name}.direct`),
        ask(proxy.url, `mock_${name}.proxied`)
      ])
      expect(proxied.headers.get("sl-violations")).toBe(null)
      expect([proxied.status, proxied.text]).toEqual([direct.status, direct.text])
    }
  )

  it.each(steps.filter(({ step }) => !step.conforms && !endless.has(step.name.replace(/_\d+$/, ""))))(
    "reports mock_$name",
    async ({ name }) => {
      const { headers, status, text } = await ask(proxy.url, `mock_${name}`)
      expect([status, headers.get("content-type")]).toEqual([500, "application/problem+json"])
      expect(["https://stoplight.io/prism/errors#VIOLATIONS", "FetchError"]).toContain(JSON.parse(text).type)
    }
  )

  it.each(steps.filter(({ step }) => !step.conforms && endless.has(step.name.replace(/_\d+$/, ""))))(
    "passes nothing of mock_$name on",
    async ({ name }) => {
      await expect(ask(proxy.url, `mock_${name}`, AbortSignal.timeout(300))).rejects.toThrow("timeout")
    }
  )

  it("passes on what keyless and limited requests get", async () => {
    const limited = createMockServer({ limit: { capacity: 1, refillPerSecond: 0 } })
    await using running = await limited.listen()
    const { stop, url } = await startPrism(running.baseUrl)
    try {
      expect([(await ask(url)).status, (await ask(url, "k")).status, (await ask(url, "k")).status]).toEqual([
        401,
        200,
        429
      ])
    } finally {
      await stop()
    }
  })
})
