/** What tells accounts apart in a store that several share. */
import * as Digest from "effect/crypto/Digest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { PolloConfigError } from "../PolloConfigError.ts"

/**
 * The SHA-256 of the account's name, in hex. People may give the API key for a name, so nothing else of it may reach the
 * store.
 */
export const accountId = Effect.fnUntraced(function*(
  field: string,
  account: string | Redacted.Redacted<string>
): Effect.fn.Return<string, PolloConfigError> {
  const name: unknown = Redacted.isRedacted(account) ? Redacted.value(account) : account
  if (typeof name !== "string" || name === "") {
    return yield* new PolloConfigError({
      field,
      problem: "must not be empty; name the account whose balance this is, the same on every machine"
    })
  }
  return yield* Digest.Digest.use((digest) => digest.digestHex(Digest.sha256, new TextEncoder().encode(name))).pipe(
    Effect.provide(Digest.layerWebCrypto)
  )
})
