/** The identity of an account in a store that several accounts share. */
import * as Digest from "effect/crypto/Digest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as check from "../options.ts"

/** The name of an account, which may be its API key. */
export const account: check.Check<string> = (field, input) => {
  // `Redacted.value` throws for a Redacted that was wiped.
  const name: unknown = Redacted.isRedacted(input)
    ? Result.getOrUndefined(Result.try(() => Redacted.value(input)))
    : input
  return typeof name === "string" && name !== ""
    ? Result.succeed(name)
    : check.refuse(field, "must not be empty; name the account whose balance this is, the same on every machine")
}

/** The SHA-256 of the account's name, in hex. The name may be the API key, so only this hash may reach the store. */
export const accountId = (name: string): Effect.Effect<string> =>
  Digest.Digest.use((digest) => digest.digestHex(Digest.sha256, new TextEncoder().encode(name))).pipe(
    Effect.provide(Digest.layerWebCrypto)
  )
