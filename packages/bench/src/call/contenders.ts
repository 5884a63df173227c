/** Who takes part in the benchmark of the call. */
export interface Contender {
  /** Its name in the tables. */
  readonly name: string
  /** Its module in `contenders/`. */
  readonly module: string
  /** Whether a promise of the project is about it. Other contenders are only shown. */
  readonly gated: boolean
}

const contender = (name: string, module: string, gated = false): Contender => ({ name, module, gated })

/** What every contender is compared with, within the same round. */
export const bare = contender("bare fetch", "fetch", true)

export const plainFetch = contender("plain Effect 4 over fetch", "plainFetch", true)
export const oursFetch = contender("**ours over fetch**", "oursFetch", true)
export const plainUndici = contender("plain Effect 4 over undici", "plainUndici", true)
export const oursUndici = contender("**ours over undici**", "oursUndici", true)
export const oursDispatch = contender("**ours over its own transport**", "oursDispatch", true)

export const contenders: ReadonlyArray<Contender> = [
  bare,
  contender("bare undici", "undici", true),
  plainFetch,
  oursFetch,
  plainUndici,
  oursUndici,
  oursDispatch,
  contender("plain Effect 3 over fetch", "plainEffect3", true),
  contender("by hand, with zod", "byHand"),
  contender("openapi-fetch", "openapiFetch"),
  contender("ofetch", "ofetch"),
  contender("ky", "ky"),
  contender("openai's core", "openai"),
  contender("axios", "axios"),
  contender("got", "got")
]
