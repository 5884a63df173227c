/** What a failure of Redis means: whether it passes by itself, and which command it was about. */
import * as Effect from "effect/Effect"
import type * as Redis from "effect/persistence/Redis"
import { BudgetStoreError } from "../../BudgetStoreError.ts"

export interface Failure {
  readonly reason: "Unavailable" | "Denied"
  readonly message: string
  /** The first word of the reply; absent when Redis gave none. */
  readonly code?: string
}

/** The cause of a command that this client has given up. */
export const noAnswer = "no answer in time"

/**
 * Replies that pass by themselves: the server starts, is full for now, waits for its replicas, or is no longer master.
 */
const passing: ReadonlySet<string> = new Set([
  "ASK",
  "BUSY",
  "CLUSTERDOWN",
  "LOADING",
  "MASTERDOWN",
  "MISCONF",
  "NOREPLICAS",
  "NOSCRIPT",
  "OOM",
  "READONLY",
  "TRYAGAIN"
])

const textOf = (cause: unknown): string =>
  cause instanceof Error ? cause.message : typeof cause === "string" ? cause : String(cause)

/** Up to Redis 6, a refusal inside a script came wrapped: `ERR Error running script (…): @user_script: 12: -OOM …`. */
const unwrapped = (text: string): string => /^ERR Error running script .*?: -([A-Z]+ .*)$/s.exec(text)?.[1] ?? text

/** Up to Redis 7.0, a refusal by an ACL inside a script had these words, which do not name the command. */
const refusedInScript = /^(?:ERR )?The user executing the script can't (run this command|access)|no permissions/

/** The commands on the line of the script at which it failed. Redis reports the number of that line. */
const commandsAt = (text: string, lua: string): string | undefined => {
  const [, line] = /@?user_script:\s*(\d+)/.exec(text) ?? []
  if (line === undefined) return undefined
  const source = lua.split("\n")[Number(line) - 1] ?? ""
  const names = Array.from(source.matchAll(/redis\.p?call\(\s*["'](\w+)["']/g), ([, name = ""]) => name.toUpperCase())
  return names.length === 0 ? undefined : names.join(" or ")
}

/** `lua` is the script that was run, if one was. */
export const classify = (error: Redis.RedisError, lua = ""): Failure => {
  const text = unwrapped(textOf(error.cause)).trim()
  const [word] = /^[A-Z][A-Z0-9_]+(?=\s|$)/.exec(text) ?? []
  const inScript = refusedInScript.exec(text)
  if (inScript !== null && word !== "NOPERM") {
    const command = inScript[1] === "access" ? undefined : commandsAt(text, lua)
    const what = command === undefined ? text : `its user may not run ${command} in a script (${text})`
    return { reason: "Denied", code: "NOPERM", message: `Redis refused: ${what}` }
  }
  if (word === undefined) {
    return { reason: "Unavailable", message: `Redis gave no answer: ${text || "connection lost"}` }
  }
  const reason = passing.has(word) || text.startsWith("ERR max number of clients") ? "Unavailable" : "Denied"
  const command = reason === "Denied" ? commandsAt(text, lua) : undefined
  return { reason, code: word, message: `Redis refused${command === undefined ? "" : ` ${command}`}: ${text}` }
}

/** Turns the failure of a script into the error that callers of the budget get. */
export const orStoreError = <A>(
  run: Effect.Effect<A, Redis.RedisError>,
  lua: string
): Effect.Effect<A, BudgetStoreError> =>
  Effect.catchTag(run, "RedisError", (error) =>
    Effect.andThen(
      Effect.logDebug("the Redis of a budget failed", error.cause),
      Effect.fail(storeError(classify(error, lua)))
    ))

/** The error of a job that was not started because of a failure of the store. */
export const storeError = ({ code, message, reason }: Failure): BudgetStoreError =>
  new BudgetStoreError({ reason, message: `${message}; no job is started`, ...(code === undefined ? {} : { code }) })
