/** The books of a budget as lines for people. Pure. */
import type { CreditBudget } from "@effect-pollo/client/CreditBudget"
import { displayWidth } from "effect/cli/CliOutput"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import { credits, printable } from "../values/figures.ts"

/** The id begins with the name of the machine, up to the dot. */
const heads = ["ID", "PHASE", "CREDITS", "LABEL", "SINCE", "FOR"] as const

const toTheRight: ReadonlySet<string> = new Set(["CREDITS", "FOR"])

/** A time to the second, in UTC. */
const moment = (at: DateTime.Utc): string => DateTime.formatIso(DateTime.startOf(at, "second")).replace(".000Z", "Z")

/** The age of a hold, from the clocks of Redis and of this machine, which may differ a little. */
const age = (since: DateTime.Utc, now: DateTime.Utc): string => {
  const seconds = Math.max(0, Math.round((DateTime.toEpochMillis(now) - DateTime.toEpochMillis(since)) / 1000))
  return seconds === 0 ? "0s" : Duration.format(Duration.seconds(seconds))
}

const cells = ({ credits: amount, id, label = "", phase, since }: CreditBudget.Hold, now: DateTime.Utc) =>
  [printable(id), phase, credits(amount), printable(label), moment(since), age(since, now)] as const

const padded = (text: string, width: number, right: boolean): string => {
  const space = " ".repeat(Math.max(0, width - displayWidth(text)))
  return right ? space + text : text + space
}

/** Where it is wider than that it goes without `SINCE`, which `FOR` tells too. */
export const table = (
  holds: ReadonlyArray<CreditBudget.Hold>,
  now: DateTime.Utc,
  columns = Number.POSITIVE_INFINITY
): ReadonlyArray<string> => {
  const rows = [heads, ...holds.map((hold) => cells(hold, now))]
  const whole = aligned(rows)
  return whole.some((line) => displayWidth(line) > columns)
    ? aligned(rows.map((row) => row.filter((_, column) => heads[column] !== "SINCE")))
    : whole
}

const aligned = (rows: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<string> => {
  const [heads = []] = rows
  const widths = heads.map((_, column) => Math.max(...rows.map((row) => displayWidth(row[column] ?? ""))))
  return rows.map((row) =>
    row.map((cell, column) => padded(cell, widths[column] ?? 0, toTheRight.has(heads[column] ?? ""))).join("  ")
      .trimEnd()
  )
}

export const summary = ({ available, reservations, reserved, waiting }: CreditBudget.Status): string =>
  [
    `${credits(reserved)} credits are held by ${
      reservations === 1 ? "1 reservation" : `${credits(reservations)} reservations`
    }`,
    ...waiting === 0 ? [] : [`${credits(waiting)} more are waited for`],
    available === undefined
      ? reservations === 0 && waiting === 0
        ? "no reading of the balance yet: the name of the account may be another"
        : "no reading of the balance yet"
      : `${credits(available)} were available in the latest reading`
  ].join("; ")

/** A hold, as the question and the answer name it. */
export const described = (hold: CreditBudget.Hold, now: DateTime.Utc): string => {
  const [id, phase, amount, label, since, how] = cells(hold, now)
  return `${id}: ${amount} credits${label === "" ? "" : ` for ${label}`}, ${phase} since ${since} (${how})`
}
