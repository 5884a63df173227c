import * as client from "@effect-pollo/client"
import { assert, describe, it } from "@effect/vitest"

describe("the public surface", () => {
  it("is these names", () => {
    assert.deepEqual(Object.keys(client).toSorted(), [
      "CreditBalance",
      "PolloApiError",
      "PolloBadRequest",
      "PolloConfigError",
      "PolloCredits",
      "PolloError",
      "PolloForbidden",
      "PolloInvalidResponse",
      "PolloNotFound",
      "PolloRateLimited",
      "PolloServerError",
      "PolloTimeout",
      "PolloTransportError",
      "PolloUnauthorized",
      "RequestPolicy"
    ])
  })

  it("has no way into the internals", async () => {
    const path = "@effect-pollo/client/internal/transport"
    const error = await import(path).then(() => undefined, (cause: unknown) => cause)
    assert.instanceOf(error, Error)
  })
})
