import { HttpClient, HttpClientError, type HttpClientRequest, HttpClientResponse } from "@effect/platform"
import { type CreditBalance, type PolloConfigError, PolloCredits, type PolloError } from "@effect-pollo/client-effect3"
import { Effect, Either, Redacted } from "effect"

export const key = "pollo_0123456789abcdef"

export type Answer = () => Response | Promise<Response>

export const json = (status: number, body: unknown, headers: Record<string, string> = {}): Answer => () =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json", ...headers } })

export const balance = json(200, { availableCredits: 12.5, totalCredits: 100 })

export const never: Answer = () => new Promise<Response>(() => undefined)

/** Gives the answers in turn, the last one again and again, and keeps the requests. */
export const scripted = (...answers: ReadonlyArray<Answer>) => {
  const requests: Array<HttpClientRequest.HttpClientRequest> = []
  const client = HttpClient.make((request) => {
    const answer = answers[Math.min(requests.length, answers.length - 1)] ?? never
    requests.push(request)
    return Effect.tryPromise({
      try: async () => answer(),
      catch: (cause) => new HttpClientError.RequestError({ request, reason: "Transport", cause })
    }).pipe(Effect.map((response) => HttpClientResponse.fromWeb(request, response)))
  })
  return { client, requests }
}

type Options = Partial<PolloCredits.Options<unknown>>

/** One call through `client`. */
export const callWith = (
  client: HttpClient.HttpClient,
  options: Options = {}
): Effect.Effect<CreditBalance, PolloError | PolloConfigError> =>
  PolloCredits.make({ apiKey: Redacted.make(key), ...options }).pipe(
    Effect.flatMap((credits) => credits.getBalance),
    Effect.provideService(HttpClient.HttpClient, client)
  )

/** The outcome of a call without retries, on the real clock. */
export const outcome = (answer: Answer, options: Options = {}) =>
  Effect.runPromise(Effect.either(callWith(scripted(answer).client, { policy: { maxRetries: 0 }, ...options })))

export const failure = async (answer: Answer, options: Options = {}): Promise<PolloError> => {
  const result = await outcome(answer, options)
  if (Either.isRight(result) || result.left._tag === "PolloConfigError") throw new Error("no error of a call")
  return result.left
}
