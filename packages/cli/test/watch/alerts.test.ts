import { assert, describe, it } from "@effect/vitest"
import { CreditBalance } from "@effect-pollo/client"
import { BalanceEvent } from "@effect-pollo/client/BalanceWatch"
import { DateTime, Effect, Fiber, Layer, Sink, Stream } from "effect"
import { HttpClient, HttpClientError, type HttpClientRequest, HttpClientResponse } from "effect/http"
import { ChildProcessSpawner } from "effect/process"
import { TestClock } from "effect/testing"
import * as command from "../../src/watch/command.ts"
import * as webhook from "../../src/watch/webhook.ts"

const low = new BalanceEvent.cases.Low({
  at: DateTime.makeUnsafe("2026-01-01T00:00:00Z"),
  balance: new CreditBalance({ availableCredits: 5, totalCredits: 1000 }),
  lowAt: 10
})

/** Collects the notices of a teller. */
const noticing = () => {
  const notices: Array<string> = []
  return { notices, notice: (line: string) => Effect.sync(() => void notices.push(line)) }
}

type Answer = (
  request: HttpClientRequest.HttpClientRequest
) => Effect.Effect<HttpClientResponse.HttpClientResponse, HttpClientError.HttpClientError>

const status = (code: number): Answer => (request) =>
  Effect.succeed(HttpClientResponse.fromWeb(request, new Response(null, { status: code })))
const broken: Answer = (request) =>
  Effect.fail(
    new HttpClientError.HttpClientError({
      reason: new HttpClientError.TransportError({ request, description: "reset" })
    })
  )
const silent: Answer = () => Effect.never

/** Sends one alert to a webhook that answers in turn, the last answer again and again, and lets a minute pass. */
const post = Effect.fnUntraced(function*(...answers: ReadonlyArray<Answer>) {
  const { notice, notices } = noticing()
  let requests = 0
  const client = HttpClient.make((request) => (answers[Math.min(requests++, answers.length - 1)] ?? silent)(request))
  const tell = yield* webhook.teller("https://hooks.example.com/secret/path?token=canary", notice).pipe(
    Effect.provide(Layer.succeed(HttpClient.HttpClient, client))
  )
  const fiber = yield* Effect.forkChild(tell(low))
  yield* TestClock.adjust("1 minute")
  yield* Fiber.join(fiber)
  return { requests, notices }
})

describe("--webhook", () => {
  it.effect("is told once when it takes the alert", () =>
    Effect.gen(function*() {
      assert.deepEqual(yield* post(status(200)), { requests: 1, notices: [] })
    }))

  it.effect("is told again after a failure that may pass, at most four times in all", () =>
    Effect.gen(function*() {
      assert.deepEqual(yield* post(status(503), broken, status(204)), { requests: 3, notices: [] })
      const cases = [[status(500), "answered 500"], [status(429), "answered 429"], [broken, "could not be reached"], [
        silent,
        "gave no answer in 10s"
      ]] as const
      for (const [answer, what] of cases) {
        assert.deepEqual(yield* post(answer), {
          requests: 4,
          notices: [`pollo-credits: --webhook: https://hooks.example.com ${what}, 4 times`]
        })
      }
    }))

  it.effect("is not told again after a refusal or a redirect, and its secret path is never repeated", () =>
    Effect.gen(function*() {
      for (const code of [302, 400, 404]) {
        assert.deepEqual(yield* post(status(code)), {
          requests: 1,
          notices: [`pollo-credits: --webhook: https://hooks.example.com answered ${code}`]
        })
      }
    }))
})

describe("--exec", () => {
  it.effect("stops a command that takes longer than 30 seconds", () =>
    Effect.gen(function*() {
      const { notice, notices } = noticing()
      let released = false
      const handle = ChildProcessSpawner.makeHandle({
        pid: ChildProcessSpawner.ProcessId(1),
        exitCode: Effect.never,
        isRunning: Effect.succeed(true),
        kill: () => Effect.void,
        stdin: Sink.drain,
        stdout: Stream.empty,
        stderr: Stream.empty,
        all: Stream.never,
        getInputFd: () => Sink.drain,
        getOutputFd: () => Stream.empty,
        unref: Effect.succeed(Effect.void)
      })
      const spawner = ChildProcessSpawner.make(() =>
        Effect.acquireRelease(Effect.succeed(handle), () => Effect.sync(() => released = true))
      )
      const tell = yield* command.teller("sleep 100", notice).pipe(
        Effect.provideService(ChildProcessSpawner.ChildProcessSpawner, spawner)
      )
      const fiber = yield* Effect.forkChild(tell(low))
      yield* TestClock.adjust("29 seconds")
      assert.deepEqual([released, notices], [false, []])
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(fiber)
      assert.deepEqual([released, notices], [true, ["pollo-credits: the command of --exec was stopped after 30s"]])
    }))
})
