import { PolloError, RequestPolicy } from "@effect-pollo/client"
import { assert, describe, it } from "@effect/vitest"
import { Duration } from "effect"
import { readFile } from "node:fs/promises"
import manifest from "../../package.json" with { type: "json" }

const readme = await readFile(new URL("../../../../README.md", import.meta.url), "utf8")

/** The cells of the table whose first column has this heading, without their code marks. */
const table = (heading: string): ReadonlyArray<ReadonlyArray<string>> => {
  const lines = readme.split("\n")
  const start = lines.findIndex((line) => line.startsWith(`| ${heading} `))
  const rows = lines.slice(start + 2)
  return rows.slice(0, rows.findIndex((line) => !line.startsWith("|"))).map((line) =>
    line.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.trim().replaceAll("`", ""))
  )
}

const column = (heading: string, index: number) => table(heading).map((row) => row[index] ?? "")

describe("the README", () => {
  it("lists the members of the union", () => {
    assert.deepEqual(column("tag", 0), PolloError.members.map((member) => member.fields._tag.schema.literal))
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

  it("keeps its program short", () => {
    const [, program = ""] = readme.match(/## A program\n\n```ts\n(.*?)```/s) ?? []
    assert.isAtMost(program.trimEnd().split("\n").length, 20)
    assert.isAtLeast(program.length, 1)
  })
})
