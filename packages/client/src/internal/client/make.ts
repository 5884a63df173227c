/** A client from its options: the checks, the pinned transport, and the attempt within the retry loop. */
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import { PolloConfigError } from "../../PolloConfigError.ts"
import * as transport from "../call/attempt.ts"
import { pinned } from "../call/pinned.ts"
import * as policies from "../call/policy.ts"
import { retry } from "../call/retry.ts"
import { observeCall } from "../call/telemetry.ts"
import * as settings from "./settings.ts"

/** `options` is `unknown`, because JavaScript callers can pass anything. */
export const make = Effect.fnUntraced(function*(options: unknown) {
  const { policy, transformClient, ...shared } = yield* Effect.fromResult(settings.validate(options))
  const client = pinned(yield* HttpClient.HttpClient)
  const attempt = transport.make({
    ...shared,
    client: transformClient === undefined ? client : yield* transformed(transformClient, client)
  })

  return {
    getBalance: observeCall(attempt, (attempt) =>
      Effect.withFiber((fiber) => {
        const override = fiber.getRef(policies.CurrentOverride)
        return retry(attempt, override === policies.noOverride ? policy : policies.apply(policy, override))
      }))
  }
})

const transformed = (
  transform: (client: HttpClient.HttpClient) => unknown,
  client: HttpClient.HttpClient
): Effect.Effect<HttpClient.HttpClient, PolloConfigError> =>
  Effect.try({
    try: () => transform(client),
    catch: () => new PolloConfigError({ field: "transformClient", problem: "threw; it must return an HttpClient" })
  }).pipe(
    Effect.filterOrFail(
      HttpClient.isHttpClient,
      () => new PolloConfigError({ field: "transformClient", problem: "must return an HttpClient" })
    )
  )
