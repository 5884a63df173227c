import { AdminError } from "../values/errors.ts"
import { cannotBeUsed } from "./refuse.ts"

const maxBytes = 65_536

const tooLarge = (): AdminError =>
  new AdminError(413, "The body cannot be used", [`body: must have at most ${maxBytes} bytes`])

/** The text of a body. Reading stops at `maxBytes`, which is more than any call of the admin API needs. */
const textOf = async ({ body, headers }: Request): Promise<string> => {
  if (Number(headers.get("content-length") ?? 0) > maxBytes) throw tooLarge()
  if (body === null) return ""
  const decoder = new TextDecoder()
  let text = ""
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > maxBytes) throw tooLarge()
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}

/**
 * The JSON value of a body; `undefined` for an empty one. The media type is not checked, and need not be: pages of
 * another origin are refused by their `Origin` header.
 *
 * @throws AdminError when the body is too large, or is not JSON
 */
export const readJson = async (request: Request): Promise<unknown> => {
  const text = await textOf(request)
  if (text.trim() === "") return undefined
  try {
    return JSON.parse(text)
  } catch {
    throw cannotBeUsed("body", ["body: must be JSON"])
  }
}
