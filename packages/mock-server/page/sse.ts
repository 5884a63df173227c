import type { WatchEvents } from "../src/admin/watched.ts"

/** One server-sent event. */
export type ServerEvent = {
  readonly [Name in keyof WatchEvents]: { readonly name: Name; readonly data: WatchEvents[Name] }
}[keyof WatchEvents]

const isName = (name: string | undefined): name is keyof WatchEvents =>
  name === "state" || name === "requests" || name === "accounts"

/** The event, or nothing when it cannot be read: a server of another version may send such an event. */
const eventOf = (name: keyof WatchEvents, text: string): ReadonlyArray<ServerEvent> => {
  try {
    return [{ name, data: JSON.parse(text) }]
  } catch {
    return []
  }
}

/** The complete events in a piece of the stream, and the rest of that piece. Comments are skipped. */
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
