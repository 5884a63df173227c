/**
 * What a run needs for its requests: the key (from the environment or a file, never from a flag), the address and the
 * proxy.
 */
import { PolloConfigError, PolloCredits } from "@effect-pollo/client"
import { defaultBaseUrl, type Scrub } from "@effect-pollo/protocol"
import * as Config from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type { Setup } from "../output/reasons.ts"
import type { KeyFileFlag, KeyFileProblem } from "../values/problems.ts"
import { scrubOf } from "../values/secrets.ts"
import { readKey } from "./key-file.ts"
import * as proxies from "./proxy.ts"

export interface AccessFlags {
  readonly apiKeyFile: Option.Option<string>
}

export interface Access {
  readonly transport: Layer.Layer<HttpClient.HttpClient>
  readonly setup: Setup
  /** Removes the secrets of this run from a text. */
  readonly scrub: Scrub
  readonly client: (
    options: PolloCredits.ClientOptions
  ) => Layer.Layer<PolloCredits, PolloConfigError, HttpClient.HttpClient>
}

const variable = (name: string): Effect.Effect<string | undefined> =>
  Effect.orElseSucceed(Effect.map(Config.option(Config.String(name)), Option.getOrUndefined), () => undefined)

/** Reads the key, the address and the proxy. `flag` is the flag that named the file of the key. */
export const access = Effect.fnUntraced(function*(
  { apiKeyFile }: AccessFlags,
  flag: KeyFileFlag = "--api-key-file"
): Effect.fn.Return<Access, PolloConfigError | KeyFileProblem> {
  const fromFile = Option.isSome(apiKeyFile) ? yield* readKey(apiKeyFile.value, flag) : undefined
  const key = fromFile ?? (yield* variable("POLLO_API_KEY"))
  const baseUrl = yield* variable("POLLO_BASE_URL")
  const proxy = yield* proxies.named
  const given = fromFile === undefined ? {} : { POLLO_API_KEY: fromFile }
  return {
    transport: proxies.transport(proxy),
    setup: {
      ownAddress: baseUrl !== undefined && baseUrl.replace(/\/+$/, "") !== defaultBaseUrl,
      proxy: (baseUrl ?? defaultBaseUrl).startsWith("https:") ? proxy?.variable : undefined
    },
    scrub: scrubOf({ key, baseUrl, words: process.argv.slice(2) }),
    client: (options) =>
      PolloCredits.layerConfig(options).pipe(
        Layer.provide(ConfigProvider.layerAdd(ConfigProvider.fromUnknown(given), { asPrimary: true })),
        Layer.catchTag("PolloConfigError", (error) =>
          Layer.effect(PolloCredits)(Effect.fail(
            fromFile !== undefined && error.field === "POLLO_API_KEY"
              ? new PolloConfigError({ field: flag, problem: error.problem })
              : error
          )))
      )
  }
})
