/** A client whose transport answers from a script: one step a request, the last one repeats. */
import { PolloCredits } from "@effect-pollo/client"
import { Effect, Layer, Redacted } from "effect"
import { HttpClient, HttpClientError, type HttpClientRequest, HttpClientResponse } from "effect/http"

export type Step = (
  request: HttpClientRequest.HttpClientRequest
) => Effect.Effect<HttpClientResponse.HttpClientResponse, HttpClientError.HttpClientError>

export const key = "pk-canary-5f2c9a"

export const respond = (body: BodyInit | null, init?: ResponseInit): Step => (request) =>
  Effect.sync(() => HttpClientResponse.fromWeb(request, new Response(body, init)))

export const json = (body: unknown, init: ResponseInit = {}): Step =>
  respond(JSON.stringify(body), { ...init, headers: { "content-type": "application/json", ...init.headers } })

export const ok = json({ availableCredits: 42, totalCredits: 100 })

export const status = (code: number, headers: Record<string, string> = {}): Step =>
  json({ message: `status ${code}`, code: `CODE_${code}` }, { status: code, headers })

export const refused: Step = (request) =>
  Effect.fail(
    new HttpClientError.HttpClientError({
      reason: new HttpClientError.TransportError({
        request,
        cause: Object.assign(new Error(`cannot send x-api-key: ${request.headers["x-api-key"]}`), {
          code: "ECONNREFUSED"
        })
      })
    })
  )

export const hang: Step = () => Effect.never

/** Headers arrive, the body never ends. */
export const hangingBody: Step = (request) =>
  respond(new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode("{")) }))(request)

/** Headers and some bytes arrive, then the connection breaks. */
export const cutBody: Step = (request) =>
  respond(
    new ReadableStream({
      pull: (controller) => controller.error(Object.assign(new Error("other side closed"), { code: "UND_ERR_SOCKET" }))
    })
  )(request)

export interface Sent {
  /** Requests that reached the transport, oldest first. */
  readonly requests: ReadonlyArray<HttpClientRequest.HttpClientRequest>
}

export const transport = (...steps: ReadonlyArray<Step>) => {
  const requests: Array<HttpClientRequest.HttpClientRequest> = []
  const client = HttpClient.make((request) => {
    const step = steps[Math.min(requests.length, steps.length - 1)]
    requests.push(request)
    return step === undefined ? Effect.die("the script is empty") : step(request)
  })
  return { layer: Layer.succeed(HttpClient.HttpClient, client), requests }
}

/** `credits` is a built service; `sent` counts the requests so far. */
export const scripted = Effect.fnUntraced(function*(
  options: Partial<PolloCredits.Options>,
  ...steps: ReadonlyArray<Step>
) {
  const { layer, requests } = transport(...steps)
  const credits = yield* Effect.provide(
    PolloCredits,
    PolloCredits.layer({ apiKey: Redacted.make(key), ...options }).pipe(Layer.provide(layer))
  )
  return { credits, requests, sent: Effect.sync(() => requests.length) }
})
