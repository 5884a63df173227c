/** The schemas of what `--json` prints. A field keeps its name and meaning for ever; new fields may be added. */
import { PolloError } from "@effect-pollo/client"
import { BalanceEvent, BalanceForecast } from "@effect-pollo/client/BalanceWatch"
import * as Schema from "effect/Schema"
import { allDifferenceNames } from "../values/difference.ts"

/** The one object of `balance --json`. */
export const BalanceOutput = Schema.Struct({
  availableCredits: Schema.Finite.annotate({ description: "credits that can be spent now" }),
  totalCredits: Schema.Finite.annotate({ description: "the vendor's total; its meaning is undocumented" }),
  share: Schema.NullOr(Schema.Finite).annotate({
    description: "`availableCredits / totalCredits`, or null when the total is not above zero"
  }),
  observedAt: Schema.DateTimeUtcFromString.annotate({ description: "when it was read, in UTC" }),
  min: Schema.NullOr(Schema.Finite).annotate({ description: "what `--min` asked for, or null" }),
  belowMin: Schema.Boolean.annotate({ description: "whether the balance is lower than `min`" })
})

const Answer = Schema.Struct({
  url: Schema.String.annotate({ description: "the address that was asked" }),
  status: Schema.Int.annotate({ description: "the HTTP status" }),
  contentType: Schema.NullOr(Schema.String).annotate({ description: "the `Content-Type` header, or null" }),
  form: Schema.NullOr(Schema.Literals(["flat", "envelope"])).annotate({
    description:
      "`flat` as the description shows a balance, `envelope` as the live API sends it, or null when no balance came"
  }),
  bodyBytes: Schema.Int.annotate({ description: "bytes of the body that arrived, after decompression" }),
  latencyMillis: Schema.Finite.annotate({ description: "milliseconds until the headers" }),
  totalMillis: Schema.Finite.annotate({ description: "milliseconds until the end" }),
  requestId: Schema.NullOr(Schema.String).annotate({ description: "the `x-request-id` header, or null" }),
  limits: Schema.Record(Schema.String, Schema.String).annotate({
    description: "the headers about limits: `ratelimit…`, `x-ratelimit-…`, `retry-after`"
  })
})

/** The one object of `check --json`. */
export const CheckOutput = Schema.Struct({
  outcome: Schema.Literals(["conforms", "differs", "failed"]).annotate({
    description: "`differs` for a difference that is not allowed, else `failed` when there is no balance"
  }),
  observedAt: Schema.DateTimeUtcFromString.annotate({ description: "when it was asked, in UTC" }),
  answer: Schema.NullOr(Answer).annotate({ description: "what arrived, or null when nothing did" }),
  differences: Schema.Array(Schema.Struct({
    name: Schema.Literals(allDifferenceNames).annotate({ description: "the kind of difference" }),
    field: Schema.NullOr(Schema.String).annotate({
      description: "the path of the field, or null when it is about the whole answer"
    }),
    detail: Schema.String.annotate({ description: "what is different, in words; never a value of the body" }),
    allowed: Schema.Boolean.annotate({ description: "whether `--allow` names it" })
  })).annotate({ description: "every difference from the published description" }),
  failure: Schema.NullOr(Schema.Struct({
    tag: Schema.Literals(PolloError.members.map((member) => member.fields._tag.ast.literal)).annotate({
      description: "the tag of the client's error"
    }),
    message: Schema.String.annotate({ description: "what happened, in words" }),
    exitCode: Schema.Int.annotate({ description: "the exit code of its class" })
  })).annotate({ description: "why a program would have got no balance, or null" })
})

const hold = {
  id: Schema.String.annotate({ description: "what `budget free` takes" }),
  label: Schema.NullOr(Schema.String).annotate({ description: "whose spending it is, or null when that was not said" }),
  phase: Schema.Literals(["waiting", "active", "spent", "lost"]).annotate({
    description: "`waiting` for credits, `active`, `spent` and not shown by a reading yet, or `lost` with its machine"
  }),
  credits: Schema.Finite.annotate({ description: "credits held, or waited for" }),
  since: Schema.DateTimeUtcFromString.annotate({
    description: "when it was admitted, or came into the line, by the clock of Redis"
  }),
  machine: Schema.String.annotate({ description: "a name that the budget of each program gives itself" })
}

/** The one object of `budget free --json`: the hold as it was. */
export const FreedOutput = Schema.Struct(hold)

/** The one object of `budget --json`. */
export const BudgetOutput = Schema.Struct({
  available: Schema.NullOr(Schema.Finite).annotate({
    description: "credits in the latest reading, or null before the first"
  }),
  reserved: Schema.Finite.annotate({ description: "credits that are held" }),
  reservations: Schema.Int.annotate({ description: "by how many reservations" }),
  waiting: Schema.Finite.annotate({ description: "credits that are waited for" }),
  holds: Schema.Array(FreedOutput).annotate({ description: "all that is held or waited for, the oldest first" })
})

/** Each line of `watch --json`: an event, or the forecast after a reading, as the client's own schemas encode them. */
export const WatchOutput: Schema.Codec<BalanceEvent | BalanceForecast.Forecast, Schema.Json> = Schema.toCodecJson(
  Schema.Union([...BalanceEvent.members, BalanceForecast.cases.Forecast])
)
