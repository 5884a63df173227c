/** Names of keys. All keys of an account carry one hash tag, so a Redis Cluster keeps them on one server. */
import * as Result from "effect/Result"
import { PolloConfigError } from "../../PolloConfigError.ts"

/** A brace would begin a hash tag of its own. */
export const checkPrefix = (prefix: unknown = ""): Result.Result<string, PolloConfigError> =>
  typeof prefix === "string" && /^[^\s{}]*$/.test(prefix)
    ? Result.succeed(prefix)
    : Result.fail(
      new PolloConfigError({
        field: "prefix",
        problem: "must be a text without white space or braces, such as \"shop:\""
      })
    )

/** `account` is the hash of the account's name. */
export const budgetKey = (prefix: string, account: string): string => `${prefix}pollo-budget:{${account}}`
