/** The size of a program that is bundled for a browser: minified and gzipped, in bytes. */
import { build } from "esbuild"
import { gzipSync } from "node:zlib"

/** Bytes of the bundle, with everything in it, or with effect left out. */
export const bundledBytes = async (program: string, effect: "with effect" | "without effect"): Promise<number> => {
  const { outputFiles } = await build({
    stdin: { contents: program, resolveDir: import.meta.dirname, loader: "ts" },
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    platform: "neutral",
    mainFields: ["module", "main"],
    conditions: ["import", "module"],
    target: "es2022",
    logLevel: "silent",
    external: ["undici", "node:*", ...effect === "with effect" ? [] : ["effect", "effect/*"]]
  })
  return outputFiles.reduce((bytes, { contents }) => bytes + gzipSync(contents, { level: 9 }).length, 0)
}

const read = `
const program = PolloCredits.getBalance.pipe(
  Effect.map(({ availableCredits }) => String(availableCredits)),
  Effect.catchTags({
    PolloBadRequest: (error) => Effect.succeed(error.message),
    PolloUnauthorized: (error) => Effect.succeed(error.message),
    PolloForbidden: (error) => Effect.succeed(error.message),
    PolloNotFound: (error) => Effect.succeed(error.message),
    PolloRateLimited: (error) => Effect.succeed(error.message),
    PolloServerError: (error) => Effect.succeed(error.message),
    PolloApiError: (error) => Effect.succeed(error.message),
    PolloTransportError: (error) => Effect.succeed(error.message),
    PolloTimeout: (error) => Effect.succeed(error.message),
    PolloInvalidResponse: (error) => Effect.succeed(error.message)
  })
)
const layer = PolloCredits.layer({ apiKey: Redacted.make("key") }).pipe(Layer.provide(FetchHttpClient.layer))
Effect.runPromise(Effect.provide(program, layer)).then(console.log)`

/** A program that reads the balance and handles each error, its imports of effect module by module. */
export const deepProgram = `import { PolloCredits } from "@effect-pollo/client"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
${read}`

/** The same, its imports from effect's barrels. */
export const barrelProgram = `import { PolloCredits } from "@effect-pollo/client"
import { Effect, Layer, Redacted } from "effect"
import { FetchHttpClient } from "effect/http"
${read}`
