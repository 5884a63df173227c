/** Names of keys. All keys of an account carry one hash tag, so a Redis Cluster keeps them on one server. */
import * as Redis from "effect/persistence/Redis"
import * as check from "../options.ts"

/** A brace would begin a hash tag of its own. */
export const prefix: check.Check<string> = check.matching(
  (input): input is string => typeof input === "string" && /^[^\s{}]*$/.test(input),
  "must be a text without white space or braces, such as \"shop:\""
)

/** `account` is the hash of the account's name. */
export const budgetKey = (prefix: string, account: string): string => `${prefix}pollo-budget:{${account}}`

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
