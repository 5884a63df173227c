import type { WatchEvents } from "../src/admin/watched.ts"

/** One server-sent event. */
export type ServerEvent = {
  readonly [Name in keyof WatchEvents]: { readonly name: Name; readonly data: WatchEvents[Name] }
}[keyof WatchEvents]

const isName = (name: string | undefined): name is keyof WatchEvents =>
  name === "state" || name === "requests" || name === "accounts"

/** What cannot be read is no event: a server of another version may send it. */
const eventOf = (name: keyof WatchEvents, text: string): ReadonlyArray<ServerEvent> => {
  try {
    return [{ name, data: JSON.parse(text) }]
  } catch {
    return []
  }
}

/** The events that are whole in a piece of a stream, and what is left of it. Comments are no events. */
export const eventsIn = (text: string): { readonly events: ReadonlyArray<ServerEvent>; readonly rest: string } => {
  const blocks = text.split("\n\n")
  const rest = blocks.pop() ?? ""
  return {
    rest,
    events: blocks.flatMap((block): ReadonlyArray<ServerEvent> => {
      const [, name, data = ""] = /^event: (.*)\ndata: (.*)$/.exec(block) ?? []
      return isName(name) ? eventOf(name, data) : []
    })
  }
}
