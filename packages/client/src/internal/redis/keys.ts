/** Names of keys. All keys of an account have one hash slot, so a Redis Cluster keeps them on one server. */
import * as Redis from "effect/persistence/Redis"
import * as check from "../options.ts"

/** A brace in the prefix would begin another hash tag. */
export const prefix: check.Check<string> = check.matching(
  (input): input is string => typeof input === "string" && /^[^\s{}]*$/.test(input),
  "must be a text without white space or braces, such as \"shop:\""
)

/**
 * The keys of a budget: the books (under the same name as in version 0.1.0), the sorted sets of holds, and the freed
 * holds.
 */
export type BudgetKeys = readonly [
  books: string,
  line: string,
  leases: string,
  spent: string,
  lost: string,
  freed: string
]

/** `account` is the hash of the account's name. The name of the books is the hash tag of the others. */
export const budgetKeys = (prefix: string, account: string): BudgetKeys => {
  const books = `${prefix}pollo-budget:${account}`
  const order = (name: string) => `${prefix}pollo-budget-${name}:{${books}}`
  return [books, order("line"), order("leases"), order("spent"), order("lost"), order("freed")]
}

/** Every key begins with `prefix`. For the commands of the fleet's cache: `SET key value …`, else keys alone follow. */
export const prefixed = (redis: Redis.Redis["Service"], prefix: string): Redis.Redis["Service"] => {
  if (prefix === "") return redis
  return {
    ...redis,
    send: (command, ...args) =>
      redis.send(command, ...args.map((arg, at) => at === 0 || command !== "SET" ? `${prefix}${arg}` : arg)),
    eval: (script) =>
      redis.eval(Redis.script(
        (...params: ReadonlyArray<unknown>) => {
          const keys = script.numberOfKeys(...params)
          return script.params(...params).map((param, at) => at < keys ? `${prefix}${String(param)}` : param)
        },
        { numberOfKeys: script.numberOfKeys, lua: script.lua }
      ))
  }
}
