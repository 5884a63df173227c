/** The client, with its key from the environment or from a file: never from a flag, which every user can list. */
import { PolloConfigError, PolloCredits } from "@effect-pollo/client"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Console from "effect/Console"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type { PlatformError } from "effect/PlatformError"
import { printable } from "../values/figures.ts"
import { KeyFileProblem } from "../values/problems.ts"

export interface Access {
  readonly apiKeyFile: Option.Option<string>
}

export const layer = (
  { apiKeyFile }: Access,
  options: PolloCredits.ClientOptions
): Layer.Layer<PolloCredits, PolloConfigError | KeyFileProblem, FileSystem.FileSystem> => {
  const client = PolloCredits.layerConfig(options).pipe(Layer.provide(FetchHttpClient.layer))
  return Option.match(apiKeyFile, {
    onNone: () => client,
    onSome: (path) =>
      Layer.effect(
        PolloCredits,
        Effect.gen(function*() {
          const key = yield* readKey(path)
          const configured = Layer.provide(
            client,
            ConfigProvider.layerAdd(ConfigProvider.fromUnknown({ POLLO_API_KEY: key }), { asPrimary: true })
          )
          return Context.get(yield* Layer.build(configured), PolloCredits)
        }).pipe(
          Effect.mapError((error) =>
            error._tag === "PolloConfigError" && error.field === "POLLO_API_KEY" ? inFile(error.problem) : error
          )
        )
      )
  })
}

const inFile = (problem: string) => new PolloConfigError({ field: "--api-key-file", problem })

/** Far more than any key, far less than a file named by mistake. */
const maxKeyFileSize = 64n * 1024n

const readKey = Effect.fnUntraced(function*(path: string) {
  const files = yield* FileSystem.FileSystem
  const info = yield* Effect.mapError(files.stat(path), unreadable(path))
  if (info.type === "Directory") return yield* new KeyFileProblem({ path, reason: "NotAFile" })
  if (info.type === "File") {
    if (info.size > maxKeyFileSize) return yield* new KeyFileProblem({ path, reason: "TooLarge" })
    // A pipe, such as a shell's `<(…)`, has no mode that means anything; nor has a file on Windows.
    if (process.platform !== "win32" && (info.mode & 0o077) !== 0) {
      const mode = (info.mode & 0o777).toString(8)
      yield* Console.error(
        `pollo-credits: warning: other users may read ${printable(path)} (mode ${mode}); run chmod 600 on it`
      )
    }
  }
  const content = yield* Effect.mapError(files.readFileString(path), unreadable(path))
  const key = content.replace(/\r?\n$/, "")
  // An empty value counts as absent, and the variable of the environment would take its place unasked.
  return key === "" ? yield* inFile("must not be empty") : key
})

const unreadable = (path: string) => ({ reason }: PlatformError) =>
  new KeyFileProblem({ path, reason: reason._tag === "NotFound" ? "NotFound" : "NotReadable" })
