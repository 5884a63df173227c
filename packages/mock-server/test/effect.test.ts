import { MockServer, MockServerError } from "@effect-pollo/mock-server/effect"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Layer, Scope, Stream } from "effect"
import { FetchHttpClient, HttpClient, HttpClientRequest } from "effect/http"
import { createMockServer } from "../src/index.ts"

const ask = Effect.fnUntraced(function*(key: string) {
  const { baseUrl } = yield* MockServer
  const request = HttpClientRequest.get(`${baseUrl}/credit/balance`, { headers: { "x-api-key": key } })
  const response = yield* HttpClient.execute(request)
  return { status: response.status, body: yield* response.json }
})

const transports = [
  { name: "layer", live: FetchHttpClient.layer.pipe(Layer.provideMerge(MockServer.layer({ slowMillis: 3 }))) },
  { name: "layerFetch", live: FetchHttpClient.layer.pipe(Layer.provideMerge(MockServer.layerFetch({ slowMillis: 3 }))) }
]

describe.each(transports)("MockServer.$name", ({ live }) => {
  it.live("serves fresh keys with the steps they name", () =>
    Effect.gen(function*() {
      const mock = yield* MockServer
      const [flaky, other] = [yield* mock.freshKey("503_x2", "ok"), yield* mock.freshKey()]
      const statuses = yield* Effect.forEach(
        [flaky, flaky, flaky, other],
        (key) => Effect.map(ask(key), (_) => _.status)
      )
      assert.deepStrictEqual(statuses, [503, 503, 200, 200])
    }).pipe(Effect.provide(live)))

  it.live("has the admin API as effects, and the options of the server", () =>
    Effect.gen(function*() {
      const { admin, freshKey } = yield* MockServer
      const key = yield* freshKey()
      yield* admin.setAccount(key, { availableCredits: 10, totalCredits: 50 })
      yield* admin.spend(key, { credits: 4 })
      assert.deepStrictEqual((yield* ask(key)).body, { availableCredits: 6, totalCredits: 50 })
      assert.deepStrictEqual(
        (yield* admin.requests({ key })).requests.map(({ outcome, status }) => [status, outcome]),
        [[200, "sent"]]
      )
      assert.strictEqual((yield* admin.settings()).slowMillis, 3)
    }).pipe(Effect.provide(live)))

  it.live("fails with what it refused", () =>
    Effect.gen(function*() {
      const { admin, freshKey } = yield* MockServer
      const key = yield* freshKey()
      yield* admin.setAccount(key, { availableCredits: 1 })
      const beyond = yield* Effect.flip(admin.spend(key, { credits: 2 }))
      assert.instanceOf(beyond, MockServerError)
      assert.deepInclude(beyond.cause, { name: "AdminError", status: 409 })
      const teapot = yield* Effect.flip(freshKey("teapot"))
      assert.strictEqual(teapot.cause.name, "InvalidOptionError")
      assert.match(teapot.message, /^steps must be made of ok, /)
    }).pipe(Effect.provide(live)))

  it.live("tells of requests as they arrive and end", () =>
    Effect.gen(function*() {
      const { events, freshKey } = yield* MockServer
      const key = yield* freshKey("429")
      const told = yield* Effect.forkChild(
        events.pipe(Stream.filter((event) => event.type === "request"), Stream.take(2), Stream.runCollect),
        { startImmediately: true }
      )
      yield* ask(key)
      assert.deepStrictEqual(
        (yield* Fiber.join(told)).map(({ request: { outcome, step } }) => [step, outcome]),
        [["429", "open"], ["429", "sent"]]
      )
    }).pipe(Effect.provide(live)))
})

describe("MockServer.layer", () => {
  it.live("closes its port with the scope", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const { url } = yield* Effect.provide(MockServer, yield* Layer.buildWithScope(MockServer.layer(), scope))
      const reach = Effect.promise(() => fetch(`${url}/__admin/health`).then(({ status }) => status, () => "refused"))
      assert.strictEqual(yield* reach, 200)
      yield* Scope.close(scope, Exit.void)
      assert.strictEqual(yield* reach, "refused")
    }))

  it.live("fails with the reason when it cannot listen", () =>
    Effect.gen(function*() {
      const { port } = yield* Effect.acquireRelease(
        Effect.promise(() => createMockServer().listen()),
        (running) => Effect.promise(() => running.close())
      )
      const { cause, message } = yield* Effect.flip(Layer.build(MockServer.layer({ port })))
      assert.deepInclude(cause, { name: "ListenError", code: "EADDRINUSE" })
      assert.include(message, "the port is in use")
    }))

  it.live("fails with the option that cannot be used", () =>
    Effect.gen(function*() {
      for (const layer of [MockServer.layer({ slowMillis: -1 }), MockServer.layerFetch({ slowMillis: -1 })]) {
        const { cause } = yield* Effect.flip(Layer.build(layer))
        assert.deepInclude(cause, { name: "InvalidOptionError", option: "slowMillis" })
      }
    }))
})

describe("MockServer.layerFetch", () => {
  it.live("opens no port, and says which steps need one", () =>
    Effect.gen(function*() {
      const { freshKey, url } = yield* MockServer
      assert.strictEqual(url, "http://localhost")
      const error = yield* Effect.flip(ask(yield* freshKey("reset")))
      assert.include(String(error.cause), "SocketRequiredError")
    }).pipe(Effect.provide(FetchHttpClient.layer.pipe(Layer.provideMerge(MockServer.layerFetch())))))
})
