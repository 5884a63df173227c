/**
 * Which books these are, whether they still are the ones that were kept, and who may use them after a loss. Every
 * operation on the books enters here first.
 *
 * Books are lost when they vanish (an eviction, `FLUSHALL`, a restart without persistence), and when older ones come
 * back in their place (a restart from a snapshot, a replica that lagged and is promoted, a backup restored by hand). In
 * both cases holds of running jobs may be missing. The machines of those jobs send their holds at each renewal, so the
 * books are complete again once every machine has renewed. No job is admitted before that.
 */

/** The part of the books that identifies them. */
export interface Identity {
  /** A unique name, given by the machine that finds the books new or lost. Empty before the first machine has come. */
  name: string
  /** The server that they were last used on. It is another after a restart and after a promotion. */
  server: string
  /** Whether jobs are admitted. */
  open: boolean
  /** Why they were given their name. */
  why: Why
  /** When they were given their name. Milliseconds since 1970, by the server's clock. */
  namedAt: number
  /** Counts requests, settlements, losses and places in the line. */
  seq: number
  /** Milliseconds, by the time of the books. It never goes back, and runs on when the server's clock has gone back. */
  now: number
  /** Milliseconds: the server's clock at the latest operation. */
  clock: number
  /** The server's wall clock at the latest operation, in milliseconds since 1970. It may go back. */
  wall: number
}

/** New books, books that came back on another server, or books that came back older than a machine has seen them. */
export type Why = "new" | "server" | "older"

/**
 * What a machine remembers of the books. It is needed only to notice older books that a person has restored on a
 * running server.
 */
export interface Known {
  /** The name of the books that it saw last; empty if it has seen none. */
  readonly name: string
  /** The counter of those books. */
  readonly seq: number
  /** Names of books that it saw before, the latest of them. */
  readonly past: ReadonlyArray<string>
}

export const unknown: Known = { name: "", seq: 0, past: [] }

/** What a machine knows after an answer. An answer that a later one has overtaken changes nothing. */
export const learn = (known: Known, name: string, seq: number): Known => {
  if (known.name === name) return seq > known.seq ? { ...known, seq } : known
  const past = known.name === "" ? [] : [...known.past.filter((other) => other !== name), known.name].slice(-8)
  return { name, seq, past }
}

/** The arguments of every operation, from the store and from the calling machine. */
export interface Caller {
  /** Milliseconds, by the server's clock. */
  readonly clock: number
  /** Milliseconds since 1970. On Redis the same clock. */
  readonly wall: number
  /** Identifies this run of the server as the master, among all runs and servers. */
  readonly server: string
  /** A new unique name. */
  readonly fresh: string
  /** The name of the books that the machine has seen closed for the whole window by its own clock, or an empty text. */
  readonly waited: string
  readonly known: Known
  /** What a machine does with new books if it has seen none before. */
  readonly newBooks: NewBooks
}

export type NewBooks = "closed" | "open"

/**
 * Milliseconds for which no job is admitted after a loss. A healthy machine renews every third of a lease. A machine
 * whose last renewal was lost, or that was cut off or paused for less than two leases, renews again within two leases.
 * A charge just before that renewal is shown by readings `lag` later.
 */
export const closedFor = ({ lag, lease }: { readonly lease: number; readonly lag: number }): number => 2 * lease + lag

/** Advances the time, notices a loss, and opens the books once a machine has waited for the whole window. */
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
