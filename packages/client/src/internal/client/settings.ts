/** The check of a client's options. Errors never repeat a value, because the value may hold a key. */
import { clearTextProblem, defaultBaseUrl, defaultMaxBodySize, keyProblem, readBaseUrl } from "@effect-pollo/protocol"
import type * as HttpClient from "effect/http/HttpClient"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as policies from "../call/policy.ts"
import * as check from "../options.ts"

const apiKey: check.Check<string> = (field, input) => {
  // `Redacted.value` throws for a Redacted that was wiped.
  const value: unknown = Result.getOrUndefined(Result.try(() => Redacted.isRedacted(input) && Redacted.value(input)))
  if (typeof value !== "string") {
    return check.refuse(field, "must be a Redacted string; wrap the key with Redacted.make")
  }
  const problem = keyProblem(value)
  return problem === undefined ? Result.succeed(value) : check.refuse(field, problem)
}

const baseUrl: check.Check<string> = (field, input) => {
  const read = readBaseUrl(input)
  return "problem" in read ? check.refuse(field, read.problem) : Result.succeed(read.baseUrl)
}

type Transform = (client: HttpClient.HttpClient) => HttpClient.HttpClient

const transformClient: check.Check<Transform> = check.matching(
  (input): input is Transform => typeof input === "function",
  "must be a function that takes an HttpClient and returns one"
)

const fields = check.options({
  apiKey,
  baseUrl: check.withDefault(baseUrl, defaultBaseUrl),
  allowInsecureBaseUrl: check.withDefault(check.flag, false),
  maxBodySize: check.withDefault(check.wholeNumber(1, "number of bytes"), defaultMaxBodySize),
  propagateTrace: check.withDefault(check.flag, false),
  policy: check.withDefault(policies.patch, {}),
  transformClient: check.optional(transformClient)
})

export const validate = (options: unknown) =>
  Result.flatMap(fields(options), ({ allowInsecureBaseUrl, policy, ...rest }) => {
    const problem = allowInsecureBaseUrl ? undefined : clearTextProblem(rest.baseUrl)
    return problem === undefined
      ? Result.succeed({ ...rest, policy: policies.apply(policies.defaults, policy) })
      : check.refuse("baseUrl", problem)
  })
