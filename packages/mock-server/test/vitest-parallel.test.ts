import { expect, test } from "@effect-pollo/mock-server/vitest"
import type { MockKey } from "@effect-pollo/mock-server/vitest"
import { describe, vi } from "vitest"

const count = 200

vi.setConfig({ maxConcurrency: count })

/** Lets everyone pass once all have come: a test alone would wait for ever. */
const barrier = (expected: number) => {
  let come = 0
  let open = (): void => {}
  const opened = new Promise<void>((resolve) => (open = resolve))
  return (): Promise<void> => {
    if (++come === expected) open()
    return opened
  }
}

const statusOf = async ({ baseUrl, key }: MockKey): Promise<number | null> => {
  try {
    const response = await fetch(`${baseUrl}/credit/balance`, { headers: { "x-api-key": key } })
    await response.text()
    return response.status
  } catch {
    return null
  }
}

describe("two hundred tests at once on one server", () => {
  const everyoneIsHere = barrier(count)

  test.concurrent.for(Array.from({ length: count }, (_, index) => index))(
    "test %i sees its own failures, balance and requests, and nobody else's",
    async (index, { mock }) => {
      const failures = index % 4
      const breaksOff = index % 10 === 0
      const steps = [...(failures === 0 ? [] : [`503_x${failures}`]), ...(breaksOff ? ["reset"] : []), "ok"]
      const [first = "ok", ...others] = steps
      const mine = mock.steps(first, ...others)
      await mine.admin.setAccount(mine.key, { availableCredits: index })
      await everyoneIsHere()

      const seen: Array<number | null> = []
      while (seen.at(-1) !== 200) seen.push(await statusOf(mine))

      const expected = [...Array.from({ length: failures }, () => 503), ...(breaksOff ? [null] : []), 200]
      expect(seen).toEqual(expected)
      expect(mine).toHaveSeenStatuses(...expected)
      expect(mine).toHaveSentOneAtATime()
      const account = await mine.admin.spend(mine.key, { credits: index === 0 ? 0.01 : index }).catch(() => undefined)
      expect(account?.availableCredits).toBe(index === 0 ? undefined : 0)
      expect(mock).toHaveSentRequests(0)
    }
  )
})
