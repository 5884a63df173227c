import { NodeServices } from "@effect/platform-node"
import { PolloCredits } from "@effect-pollo/client"
import { createMockServer } from "@effect-pollo/mock-server"
import { ConfigProvider, Effect, Option } from "effect"
import { afterAll, expect, it, vi } from "vitest"
import * as attempts from "../../src/api/attempts.ts"
import { session } from "../../src/api/session.ts"
import { at } from "../support/cli.ts"

vi.mock("../../src/api/attempts.ts", { spy: true })

const server = await createMockServer().listen()
afterAll(() => server.close())

it.each([[true, 1], [false, 0]])("with verbose %s it has %i recorders on the client", async (verbose, recorders) => {
  const transformed = vi.fn()
  vi.mocked(attempts.makeRecorder).mockImplementation(() => ({
    transformClient: (client) => {
      transformed()
      return client
    },
    take: Effect.undefined
  }))
  await session({ apiKeyFile: Option.none(), verbose }, () => Effect.asVoid(Effect.orDie(PolloCredits.getBalance)))
    .pipe(
      Effect.provide(NodeServices.layer),
      Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromUnknown(at(server.baseUrl, "mock_ok"))),
      Effect.runPromise
    )
  expect(transformed).toHaveBeenCalledTimes(recorders)
})
