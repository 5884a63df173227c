/** `budget free`: gives the credits of a hold back, after a question. */
import * as Prompt from "effect/cli/Prompt"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { FreedOutput } from "../output/outputs.ts"
import { say, write } from "../output/print.ts"
import { Misuse, NotFreed } from "../values/problems.ts"
import { type Books, type BooksFlags, toOutput, withBooks } from "./books.ts"
import { described } from "./lines.ts"

export interface FreeFlags extends BooksFlags {
  readonly id: string
  readonly yes: boolean
}

const toJson = Schema.encodeSync(Schema.fromJsonString(FreedOutput))

export const run = (flags: FreeFlags) =>
  withBooks(flags, (books) =>
    flags.yes || canAsk()
      // `QuitError` is Ctrl-C at the question.
      ? Effect.catchTag(free(flags, books), "QuitError", () => Effect.interrupt)
      : new Misuse({ problem: "there is no terminal to ask on; with --yes nothing is asked" }))

/** The question is written to standard output and answered on standard input. */
const canAsk = (): boolean => process.stdin.isTTY === true && process.stdout.isTTY === true

const free = Effect.fnUntraced(function*({ id, json, yes }: FreeFlags, { use }: Books) {
  const hold = (yield* use(({ holds }) => holds)).find((each) => each.id === id)
  if (hold === undefined) return yield* new NotFreed({ reason: "Unknown" })
  if (!yes) {
    yield* say(described(hold, yield* DateTime.now))
    yield* say("Its job is not stopped. What it is charged is held again once the job says so.")
    if (!(yield* Prompt.run(Prompt.Confirm({ message: "Free it?" })))) {
      return yield* new NotFreed({ reason: "Declined" })
    }
  }
  const freed = yield* use(({ free }) => free(id))
  if (freed === undefined) return yield* new NotFreed({ reason: "Unknown" })
  yield* write(json ? `${toJson(toOutput(freed))}\n` : `freed ${described(freed, yield* DateTime.now)}\n`)
})
