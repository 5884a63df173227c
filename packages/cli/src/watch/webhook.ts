/** `--webhook`: an address that gets an alert by a POST. */
import { isLoopback } from "@effect-pollo/protocol"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Result from "effect/Result"
import * as Schedule from "effect/Schedule"
import { Misuse } from "../values/problems.ts"
import { messageToJson } from "./json.ts"
import type { Notice, Tell } from "./tell.ts"

const timeout = Duration.seconds(10)
const retries = 3

/** Such addresses often have a secret in their path, so messages repeat only the origin. */
const check = (text: string): Result.Result<URL, Misuse> => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback(url.hostname)))) {
    return Result.fail(
      new Misuse({ problem: "--webhook must be an https URL; plain http is for loopback addresses alone" })
    )
  }
  return url.username === "" && url.password === ""
    ? Result.succeed(url)
    : Result.fail(new Misuse({ problem: "--webhook must not contain a user name or password" }))
}

class Undelivered extends Data.TaggedError("Undelivered")<{
  readonly what: string
  /** Whether another attempt may succeed. */
  readonly again: boolean
}> {}

export const teller = Effect.fnUntraced(function*(
  text: string,
  notice: Notice
): Effect.fn.Return<Tell, Misuse, HttpClient.HttpClient> {
  const url = yield* Effect.fromResult(check(text))
  const client = yield* HttpClient.HttpClient

  const attempt = (json: string) =>
    client.execute(HttpClientRequest.post(url).pipe(HttpClientRequest.bodyText(json, "application/json"))).pipe(
      Effect.mapError(() => new Undelivered({ what: "could not be reached", again: true })),
      Effect.timeoutOrElse({
        duration: timeout,
        orElse: () =>
          Effect.fail(new Undelivered({ what: `gave no answer in ${Duration.format(timeout)}`, again: true }))
      }),
      Effect.flatMap(({ status }) =>
        status >= 200 && status < 300
          ? Effect.void
          : Effect.fail(
            new Undelivered({ what: `answered ${status}`, again: status === 408 || status === 429 || status >= 500 })
          )
      )
    )

  return (event) =>
    attempt(messageToJson(event)).pipe(
      Effect.retry({ while: ({ again }) => again, times: retries, schedule: Schedule.exponential("500 millis") }),
      Effect.catch(({ again, what }) =>
        notice(`pollo-credits: --webhook: ${url.origin} ${what}${again ? `, ${retries + 1} times` : ""}`)
      ),
      // The alert goes only to the address that was named: redirects are not followed, and no trace headers are sent.
      Effect.provideService(FetchHttpClient.RequestInit, { redirect: "manual" }),
      Effect.provideService(HttpClient.TracerPropagationEnabled, false)
    )
})
