/**
 * Which books these are, whether they still are the ones that were kept, and who may use them after a loss. Every
 * operation on the books enters here first.
 *
 * Books are lost when they vanish (an eviction, `FLUSHALL`, a restart without persistence), and when older ones come
 * back in their place (a restart from a snapshot, a replica that lagged and is promoted, a backup restored by hand).
 * Either way holds may be missing whose jobs run. The machines of those jobs say what they hold at each renewal, so the
 * books are complete again once every machine has been heard, and nobody is admitted before.
 */

/** The part of the books that says which ones they are. */
export interface Identity {
  /** Given by the machine that finds the books new or lost, and never twice. Empty before anybody has come. */
  name: string
  /** The server that they were last used on. It is another after a restart and after a promotion. */
  server: string
  /** Whether anybody is admitted. */
  open: boolean
  /** Why they were given their name. */
  why: Why
  /** Milliseconds since 1970, by the server: when they were given it. */
  namedAt: number
  /** Counts requests, settlements, losses and places in the line. */
  seq: number
  /** Milliseconds, by the time of the books. It never goes back, and runs on when the server's clock has gone back. */
  now: number
  /** Milliseconds: the server's clock at the latest operation. */
  clock: number
  /** Milliseconds since 1970, by the server, at the latest operation. It goes wherever that is set. */
  wall: number
}

/** New books, books that came back on another server, or books that came back older than a machine has seen them. */
export type Why = "new" | "server" | "older"

/**
 * What a machine remembers of the books. Only books that somebody restored by hand on a server that went on are told by
 * it; without such a hand it may be forgotten.
 */
export interface Known {
  /** Of the books that it saw last; empty when it has seen none. */
  readonly name: string
  /** How far they were. */
  readonly seq: number
  /** Names of books that it saw before, the latest of them. */
  readonly past: ReadonlyArray<string>
}

export const unknown: Known = { name: "", seq: 0, past: [] }

/** What a machine knows after an answer. One that was overtaken by another tells less than is known. */
export const learn = (known: Known, name: string, seq: number): Known => {
  if (known.name === name) return seq > known.seq ? { ...known, seq } : known
  const past = known.name === "" ? [] : [...known.past.filter((other) => other !== name), known.name].slice(-8)
  return { name, seq, past }
}

/** What an operation is told by its store and by the machine that asks for it. */
export interface Caller {
  /** Milliseconds, by the server's clock. */
  readonly clock: number
  /** Milliseconds since 1970. On Redis the same clock. */
  readonly wall: number
  /** What tells this run of the server, as the one that takes writes, from every other run and server. */
  readonly server: string
  /** A name that was never given before. */
  readonly fresh: string
  /** The name of the books that the machine has seen closed for the whole window by its own clock, or nothing. */
  readonly waited: string
  readonly known: Known
  /** What a machine that has seen no books does with new ones. */
  readonly newBooks: NewBooks
}

export type NewBooks = "closed" | "open"

/**
 * Milliseconds for which nobody is admitted after a loss. A machine that is well gives a sign of life every third of a
 * lease; one whose last was not heard, or that was cut off or paused for less than two leases, gives the next within
 * two. A charge just before it is shown by readings `lag` later.
 */
export const closedFor = ({ lag, lease }: { readonly lease: number; readonly lag: number }): number => 2 * lease + lag

/** Advances the time, notices a loss, and opens the books once somebody has waited for long enough. */
export const enter = (books: Identity, { clock, fresh, known, newBooks, server, waited, wall }: Caller): void => {
  const isNew = books.name === ""
  books.now = isNew ? Math.max(books.now, clock) : books.now + Math.max(0, clock - books.clock)
  books.clock = clock
  books.wall = wall
  const isOlder = known.name === books.name ? known.seq > books.seq : known.past.includes(books.name)
  if (isNew || books.server !== server || isOlder) {
    books.why = isNew ? "new" : books.server === server ? "older" : "server"
    books.open = isNew && newBooks === "open" && known.name === ""
    books.name = fresh
    books.namedAt = wall
    books.server = server
  }
  if (books.name === waited) books.open = true
}
