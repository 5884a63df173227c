import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Option from "effect/Option"
import { isOriginal } from "./pinned.ts"

/** Reads single headers, by names in lower case, without a copy of all headers of a web response. */
export const headersOf = (response: HttpClientResponse.HttpClientResponse): (name: string) => string | undefined => {
  const web = isOriginal(response) ? HttpClientResponse.toWeb(response) : Option.none()
  if (Option.isSome(web)) {
    const { headers } = web.value
    return (name) => headers.get(name) ?? undefined
  }
  const { headers } = response
  return (name) => headers[name]
}
