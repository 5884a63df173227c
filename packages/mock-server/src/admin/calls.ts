import type { AdminCalls, CallName, ResultKind } from "./admin-calls.ts"

/** Where the admin API lives, beside the vendor's. */
export const adminPath = "/__admin"

/** What a call is over HTTP. */
export interface Call {
  readonly method: "GET" | "PUT" | "POST" | "DELETE"
  /** The path below the admin path, with `{key}` for the key. */
  readonly path: string
  /** Where the arguments of the method are in the request, in their order. */
  readonly takes: ReadonlyArray<"body" | "key" | "query">
  /** What the OpenAPI document and the README say, as the interface does. */
  readonly summary: string
}

/** Routes, methods and the OpenAPI document come from here. What a call takes, answers and does is in `operations/`. */
export const adminCalls = {
  accounts: {
    method: "GET",
    path: "/accounts",
    takes: ["query"],
    summary: "The keys that the server remembers, the one that was used last at the end: 100 unless told"
  },
  account: {
    method: "GET",
    path: "/accounts/{key}",
    takes: ["key"],
    summary: "The books, the plan, the limit and the clock of a key"
  },
  setAccount: {
    method: "PUT",
    path: "/accounts/{key}",
    takes: ["key", "body"],
    summary: "Opens the books of a key anew, and sets its limit and its profile. Its plan and its clock stay"
  },
  spend: {
    method: "POST",
    path: "/accounts/{key}/spend",
    takes: ["key", "body"],
    summary: "Spends credits. The same id again changes nothing; more than the balance changes nothing and is a 409"
  },
  topUp: {
    method: "POST",
    path: "/accounts/{key}/top-up",
    takes: ["key", "body"],
    summary: "Grants credits, which also raises the total. The same id again changes nothing"
  },
  history: {
    method: "GET",
    path: "/accounts/{key}/history",
    takes: ["key"],
    summary: "The balance before and after each of the last hundred movements, and now"
  },
  plan: {
    method: "GET",
    path: "/accounts/{key}/plan",
    takes: ["key"],
    summary: "The steps that are left of the plan of a key"
  },
  setPlan: {
    method: "PUT",
    path: "/accounts/{key}/plan",
    takes: ["key", "body"],
    summary: "Sets the steps that the next requests of a key get. The last one repeats"
  },
  clock: {
    method: "GET",
    path: "/clock/{key}",
    takes: ["key"],
    summary: "The time of a key"
  },
  freeze: {
    method: "POST",
    path: "/clock/{key}/freeze",
    takes: ["key", "body"],
    summary: "Stops the clock of a key"
  },
  advance: {
    method: "POST",
    path: "/clock/{key}/advance",
    takes: ["key", "body"],
    summary: "Moves the clock of a key ahead, frozen or not"
  },
  resume: {
    method: "POST",
    path: "/clock/{key}/resume",
    takes: ["key", "body"],
    summary: "Lets the clock of a key run on from where it stands"
  },
  requests: {
    method: "GET",
    path: "/requests",
    takes: ["query"],
    summary: "The requests on record, the newest last, and how many there are"
  },
  countRequests: {
    method: "POST",
    path: "/requests/count",
    takes: ["body"],
    summary: "How many requests on record match"
  },
  findRequests: {
    method: "POST",
    path: "/requests/find",
    takes: ["body"],
    summary: "The requests on record that match, the newest last, and whether the journal still has all of them"
  },
  summarize: {
    method: "GET",
    path: "/requests/summary",
    takes: ["query"],
    summary: "What the requests of a key say about its client"
  },
  verify: {
    method: "POST",
    path: "/requests/verify",
    takes: ["body"],
    summary: "Whether the requests of a key are what was expected, and if not, what came instead"
  },
  clearRequests: {
    method: "DELETE",
    path: "/requests",
    takes: ["query"],
    summary: "Forgets the requests of a key, or all of them"
  },
  reset: {
    method: "POST",
    path: "/reset",
    takes: ["query"],
    summary: "Resets a key, or all of them, to the configuration: books, plans, limits, clocks and requests"
  },
  settings: {
    method: "GET",
    path: "/settings",
    takes: [],
    summary: "The settings"
  },
  setSettings: {
    method: "PUT",
    path: "/settings",
    takes: ["body"],
    summary: "Changes the settings that are named. Keys that are known already keep their books and their limits"
  },
  health: {
    method: "GET",
    path: "/health",
    takes: [],
    summary: "Whether the server runs"
  },
  ready: {
    method: "GET",
    path: "/ready",
    takes: [],
    summary: "Whether the server takes requests"
  },
  version: {
    method: "GET",
    path: "/version",
    takes: [],
    summary: "Which version of the server it is"
  }
} as const satisfies Readonly<Record<CallName, Call>>

/** The names of all calls. */
export const callNames = Object.keys(adminCalls) as ReadonlyArray<CallName> // As `satisfies` holds them to.

/** An object with a method for each call. `make` makes each of them. */
export const methodsOf = <Kind extends ResultKind>(
  make: (name: CallName) => (...args: ReadonlyArray<never>) => unknown
): AdminCalls<Kind> =>
  // A list does not keep which type belongs to which name: the tests hold each method to its call.
  Object.fromEntries(callNames.map((name) => [name, make(name)])) as unknown as AdminCalls<Kind>
