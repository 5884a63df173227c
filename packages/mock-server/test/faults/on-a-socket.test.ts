import { readFile } from "node:fs/promises"
import { afterAll, describe, expect, it } from "vitest"
import { createMockServer } from "../../src/index.ts"
import { delayFamilies } from "../../src/steps/delays.ts"
import { allSteps } from "../../src/steps/table.ts"
import { faultFamilies } from "../../src/steps/faults.ts"
import { conforms, read } from "../support.ts"

const running = await createMockServer().listen()
afterAll(() => running.close())

describe("the table of steps", () => {
  const measured: Readonly<Record<string, string>> = {
    "rate_limited_<retry-after>": "rate_limited_7",
    "503_<retry-after>": "503_past",
    "delay_<ms>": "delay_5",
    "delay_uniform_<min>_<max>": "delay_uniform_1_5",
    "delay_lognormal_<median>_<sigma>": "delay_lognormal_2_50",
    "dribble_<pieces>_<ms>": "dribble_3_20",
    "truncated_<bytes>": "truncated_7",
    "oversized_<bytes>": "oversized_100"
  }

  const onTheWay = [
    ...allSteps.filter(({ fault }) => fault !== undefined).map(({ conforms, name }) => ({ name, conforms })),
    ...[...delayFamilies, ...faultFamilies].map(({ conforms, forms: [form = ""] }) => ({
      name: measured[form] ?? form,
      conforms
    }))
  ]

  it.each(onTheWay)("says rightly whether mock_$name arrives as documented: $conforms", async (step) => {
    const asked = fetch(`${running.baseUrl}/credit/balance`, {
      headers: { "x-api-key": `mock_${step.name}` },
      signal: AbortSignal.timeout(step.conforms ? 10_000 : 200)
    })
    const arrived = await asked.then(read).then(conforms, () => false)
    expect(arrived).toBe(step.conforms)
  })
})

it("the documentation shows what clients make of every step that does something on the way", async () => {
  const document = await readFile(new URL("../../../../docs/mock/faults.md", import.meta.url), "utf8")
  const shown = [...document.matchAll(/^\| `(\w+)`/gm)].map(([, name = ""]) => name)
  const forms = [...delayFamilies, ...faultFamilies].map(({ forms: [form = ""] }) => form.slice(0, form.indexOf("_<")))
  for (const name of [...allSteps.filter(({ fault }) => fault !== undefined).map(({ name }) => name), ...forms]) {
    expect(shown).toContainEqual(expect.stringMatching(new RegExp(`^${name}(_\\d+)*$`)))
  }
})

it.each([
  ["dribble_3_20", "sent"],
  ["delay_5", "sent"],
  ["bad_gzip", "faulted"],
  ["oversized_100", "faulted"],
  ["delay_5_before_truncated", "faulted"]
])("mock_%s is on record as %s, with a port or without one", async (step, outcome) => {
  const server = createMockServer()
  await using listening = await server.listen()
  const url = `${listening.baseUrl}/credit/balance`
  const key = `mock_${step}`
  for (const ask of [fetch, (to: string, init: RequestInit) => server.fetch(new Request(to, init))]) {
    await ask(url, { headers: { "x-api-key": key } }).then(read).catch(() => "broken")
  }
  const outcomes = async () => (await server.admin.findRequests({ key })).requests.map((request) => request.outcome)
  await expect.poll(outcomes).toEqual([outcome, outcome])
})

describe("the clock of the key", () => {
  const server = createMockServer()

  it("is what delays and dribbles wait for", async () => {
    const { baseUrl, close } = await server.listen()
    for (const step of ["delay_600000", "slow", "dribble_4_600000", "delay_uniform_500000_600000"]) {
      const key = `mock_${step}`
      await server.admin.freeze(key)
      let arrived = false
      const answer = fetch(`${baseUrl}/credit/balance`, { headers: { "x-api-key": key } }).then(read)
        .finally(() => (arrived = true))
      await expect.poll(async () => (await server.admin.countRequests({ key })).count).toBe(1)
      await new Promise((resolve) => setTimeout(resolve, 20))
      expect(arrived).toBe(false)
      await expect.poll(async () => (await server.admin.advance(key, { millis: 600_000 }), arrived)).toBe(true)
      expect(conforms(await answer)).toBe(true)
    }
    await close()
  })

  it("does not delay answers that need no time", async () => {
    const { baseUrl, close } = await server.listen()
    for (const step of ["malformed_response_chunk", "truncated", "reset"]) {
      await server.admin.freeze(`mock_${step}`)
      const asked = fetch(`${baseUrl}/credit/balance`, { headers: { "x-api-key": `mock_${step}` } })
      await expect(asked.then(read)).rejects.toThrow(TypeError)
    }
    await close()
  })
})
