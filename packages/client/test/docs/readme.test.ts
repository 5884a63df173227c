import { PolloError, PolloInvalidResponse, RequestPolicy } from "@effect-pollo/client"
import { assert, describe, it } from "@effect/vitest"
import { Duration } from "effect"
import { readFile } from "node:fs/promises"
import manifest from "../../package.json" with { type: "json" }

const page = (path: string): Promise<string> => readFile(new URL(`../../../../${path}`, import.meta.url), "utf8")
const readme = await page("packages/client/README.md")

/** The cells of the table whose first column has this heading, without their code marks. */
const table = (heading: string, text = readme): ReadonlyArray<ReadonlyArray<string>> => {
  const lines = text.split("\n")
  const start = lines.findIndex((line) => line.startsWith(`| ${heading} `))
  const rows = lines.slice(start + 2)
  return rows.slice(0, rows.findIndex((line) => !line.startsWith("|"))).map((line) =>
    line.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.trim().replaceAll("`", ""))
  )
}

const column = (heading: string, index: number) => table(heading).map((row) => row[index] ?? "")

const tagsOfUnion = PolloError.members.map((member) => member.fields._tag.schema.literal)

describe("the README of the client", () => {
  it("lists the members of the union", () => {
    assert.deepEqual(column("tag", 0), tagsOfUnion)
  })

  it("states the defaults of the policy", () => {
    const { attemptTimeout, backoff, deadline, maxRetries, maxRetryAfter } = RequestPolicy.defaults
    const words = (duration: Duration.Duration) =>
      Duration.toMillis(duration) < 1000
        ? `${Duration.toMillis(duration)} milliseconds`
        : `${Duration.toSeconds(duration)} seconds`
    assert.deepEqual(Object.fromEntries(table("field").map(([field, value]) => [field, value])), {
      attemptTimeout: words(attemptTimeout),
      deadline: words(deadline),
      maxRetries: String(maxRetries),
      backoff: `base ${words(backoff.base)}, factor ${backoff.factor}, max ${
        words(backoff.max)
      }, jitter ${backoff.jitter}`,
      maxRetryAfter: words(maxRetryAfter)
    })
  })

  it("lists every import but the main one", () => {
    const open = Object.entries(manifest.exports).filter(([, target]) => target !== null).map(([path]) => path)
    const expected = open.filter((path) => path !== "." && path !== "./package.json")
    assert.sameMembers(column("import", 0), expected.map((path) => path.replace(".", manifest.name)))
  })
})

describe("the README of the repository", async () => {
  const text = await page("README.md")

  it("is short, and so is its program", () => {
    assert.isBelow(text.split("\n").length, 180)
    const [, program = ""] = text.match(/## A program\n\n```ts\n(.*?)```/s) ?? []
    assert.isAtMost(program.split("\n").filter((line) => line !== "" && !line.startsWith("import")).length, 10)
    assert.isAtLeast(program.length, 1)
  })

  it("names as many errors as there are", () => {
    assert.match(text, /one of ten tagged errors/)
    assert.strictEqual(tagsOfUnion.length, 10)
  })
})

describe("the pages", async () => {
  const [errors, retries, cache, watch, budget] = await Promise.all(
    ["errors", "retries", "cache", "watch", "budget"].map((name) => page(`docs/${name}.md`))
  )

  it("have the tables of the README, of which a test holds each", () => {
    assert.deepEqual(table("tag", errors), table("tag"))
    assert.deepEqual(table("field", retries), table("field"))
  })

  it("say what to do about each error, and about each reason", () => {
    const [, advice = ""] = errors?.split("## What to do about each") ?? []
    assert.deepEqual(table("tag", advice).map(([tag = ""]) => tag).filter((tag) => tag !== ""), tagsOfUnion)
    assert.sameMembers(
      table("`reason`", errors).map(([reason = ""]) => reason),
      PolloInvalidResponse.fields.reason.literals.slice()
    )
  })

  it.each([
    ["cache", cache, "../../src/BalanceCache.ts"],
    ["watch", watch, "../../src/BalanceWatch.ts"],
    ["budget", budget, "../../src/CreditReservation.ts"]
  ])("list every option of the %s", async (_, text, module) => {
    const source = await readFile(new URL(module, import.meta.url), "utf8")
    const [, fields = ""] = /interface Options \{\n([^]*?)\n *\}\n/.exec(source) ?? []
    const names = Array.from(fields.matchAll(/^ *readonly (\w+)\??:/gm), ([, name = ""]) => name)
    assert.isNotEmpty(names)
    assert.deepEqual(table("option", text).map(([name = ""]) => name).toSorted(), names.toSorted())
  })
})
