import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Terminal from "effect/Terminal"
import { BudgetOutput } from "../output/outputs.ts"
import { write } from "../output/print.ts"
import { type BooksFlags, toOutput, withBooks } from "./books.ts"
import { summary, table } from "./lines.ts"

const toJson = Schema.encodeSync(Schema.fromJsonString(BudgetOutput))

export const run = (flags: BooksFlags) =>
  withBooks(flags, ({ use }) =>
    Effect.gen(function*() {
      const { holds, status } = yield* use(({ holds, status }) => Effect.all({ holds, status }))
      const lines = flags.json
        ? [toJson({ ...status, available: status.available ?? null, holds: holds.map(toOutput) })]
        : [summary(status), ...holds.length === 0 ? [] : ["", ...table(holds, yield* DateTime.now, yield* width)]]
      yield* write(lines.map((line) => `${line}\n`).join(""))
    }))

/** A file or a pipe is as wide as it has to be. */
const width = Effect.flatMap(
  Terminal.Terminal,
  ({ columns }) =>
    process.stdout.isTTY === true ? Effect.map(columns, (shown) => shown || 80) : Effect.succeed(undefined)
)
