import * as fc from "fast-check"
import { expect, it } from "vitest"
import { createMockServer, SocketRequiredError } from "../../src/index.ts"
import { conforms, namedSteps, read, request } from "../support.ts"

const byName = new Map(namedSteps.map(({ name, step }) => [name, step]))

const stepName = fc.constantFrom(...byName.keys())
const visibleAscii = fc.string({ unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)) })
const headerByte = fc.integer({ min: 0x20, max: 0xff }).filter((code) => code !== 0x7f)
const headerText = fc.string({ unit: headerByte.map((code) => String.fromCharCode(code)) })

const grammar = ["_x", "_then_", "_", ".", "0", "2", "x", "then", "_before_"]
  .concat("delay_2", "delay_uniform_1_2", "delay_lognormal_1_1", "dribble_2_2", "truncated_2", "oversized_99")

const keys = fc.oneof(
  headerText,
  headerText.map((rest) => `mock_${rest}`),
  fc.array(fc.oneof(stepName, fc.constantFrom(...grammar)), { maxLength: 8 })
    .map((parts) => `mock_${parts.join("")}`)
)

it("answers any key as the vendor's document says, or with the broken answer that the key asks for", async () => {
  const server = createMockServer({ slowMillis: 0 })
  const oddities = namedSteps.filter(({ step }) => !step.conforms).map(({ name }) => name)
  const faults = namedSteps.flatMap(({ name, step: { fault } }) => fault === undefined ? [] : [{ name, fault }])
  const cutShort = faults.filter(({ fault }) => fault.inProcess !== undefined).map(({ name }) => name)
  const needSocket = faults.filter(({ fault }) => fault.inProcess === undefined).map(({ name }) => name)
  await fc.assert(fc.asyncProperty(keys, async (key) => {
    const waits = /hang|timeout|dribble|slicer|delay|latency/i
    const signal = AbortSignal.timeout(waits.test(key) ? 1 : 5000)
    const seen = await server.fetch(request(key, { signal })).then(read).catch((reason: unknown) => reason)
    const asked = (name: string) => key.toLowerCase().includes(name)
    if (seen instanceof SocketRequiredError) expect(needSocket.some(asked)).toBe(true)
    else if (seen instanceof Error) expect(cutShort.some(asked) || waits.test(key)).toBe(true)
    else if (seen !== null && typeof seen === "object" && "status" in seen && "headers" in seen && "text" in seen) {
      const { headers, status, text } = seen
      if (typeof status !== "number" || !(headers instanceof Headers) || typeof text !== "string") throw new Error()
      if (!conforms({ status, headers, text })) expect(oddities.some(asked)).toBe(true)
      if (status === 500) expect(asked("500")).toBe(true)
    } else expect.fail(String(seen))
  }))
})

it("serves any plan step by step, and its last step for ever", async () => {
  const whole = stepName.filter((name) => byName.get(name)?.fault === undefined)
  const part = fc.tuple(whole, fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }))
  await fc.assert(
    fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 5 }), visibleAscii, async (parts, suffix) => {
      const server = createMockServer({ slowMillis: 0 })
      const key = `mock_${
        parts.map(([name, n]) => (n === undefined ? name : `${name}_x${n}`)).join("_then_")
      }.${suffix}`
      const flat = parts.flatMap(([name, n = 1]) => Array.from({ length: n }, () => name))
      const last = flat.at(-1) ?? "ok"
      for (const name of [...flat, last, last]) {
        const alone = createMockServer({ slowMillis: 0 })
        const expected = await read(await alone.fetch(request(`mock_${name}`)))
        expect(await read(await server.fetch(request(key)))).toEqual(expected)
      }
    }),
    { numRuns: 50 }
  )
})
