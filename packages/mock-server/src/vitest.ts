/**
 * Vitest fixtures and matchers: a key of its own for each test, on one server for each worker, and expectations about
 * what a client sent with it.
 *
 * @example
 * import { expect, test } from "@effect-pollo/mock-server/vitest"
 *
 * test("retries twice", async ({ mock }) => {
 *   const flaky = mock.steps("503_x2", "ok")
 *   await readBalance({ baseUrl: flaky.baseUrl, apiKey: flaky.key })
 *   expect(flaky).toHaveSentRequests(3)
 *   expect(flaky).toHaveWaitedRetryAfter()
 * })
 */
import { expect as vitestExpect, test as vitestTest } from "vitest"
import type { ExpectStatic, MatchersObject, TestAPI } from "vitest"
import type { Admin } from "./admin/admin-calls.ts"
import { createCore } from "./vendor/core.ts"
import type { Core } from "./vendor/core.ts"
import { FreshKeys } from "./steps/fresh-keys.ts"
import type { JournalEntry } from "./journal/journal-entry.ts"
import type { ListeningServer } from "./transport/listen.ts"
import { serverOf } from "./mock-server.ts"
import type { MockServer } from "./mock-server.ts"
import type { MockServerOptions } from "./settings/settings.ts"
import type { Bounds, Expectations } from "./journal/expectations.ts"
import type { Recorded } from "./journal/journal.ts"
import { incompleteMessage, judge } from "./journal/verify.ts"
import { InvalidExpectationError } from "./values/errors.ts"

/** The server of a worker, and the fresh keys that it hands out. */
export class SharedServer {
  /** The origin. */
  readonly url: string
  /** The client's base URL. */
  readonly baseUrl: string
  /** Answers a request in process, for a client that takes a `fetch`. */
  readonly fetch: MockServer["fetch"]
  /** Sets accounts, plans and clocks, by key. It reaches the keys of every test: name your own. */
  readonly admin: Admin
  readonly #core: Core
  readonly #keys = new FreshKeys()

  constructor(core: Core, { admin, fetch }: MockServer, { baseUrl, url }: ListeningServer) {
    this.#core = core
    this.admin = admin
    this.fetch = fetch
    this.baseUrl = baseUrl
    this.url = url
  }

  /**
   * A fresh key, whose requests get these steps, the last one for ever. Without any, they get the balance.
   *
   * @throws InvalidOptionError for an unknown step
   */
  key(...steps: ReadonlyArray<string>): MockKey {
    const key = this.#keys.next(...steps)
    return new MockKey(this, key, () => this.#core.journal.of(key))
  }
}

/** A key that no other test uses, and how to reach the server that knows it. */
export class MockKey {
  /** For `x-api-key`. */
  readonly key: string
  readonly server: SharedServer
  readonly #recorded: () => Recorded

  constructor(server: SharedServer, key: string, recorded: () => Recorded) {
    this.key = key
    this.server = server
    this.#recorded = recorded
  }

  /** The client's base URL. */
  get baseUrl(): string {
    return this.server.baseUrl
  }

  /** Answers a request in process, for a client that takes a `fetch`. */
  get fetch(): MockServer["fetch"] {
    return this.server.fetch
  }

  /** Sets accounts, plans and clocks, by key. It reaches the keys of every test: name your own. */
  get admin(): Admin {
    return this.server.admin
  }

  /** The requests with this key, in the order in which they arrived. */
  get requests(): ReadonlyArray<JournalEntry> {
    return this.recorded.requests
  }

  /** The requests with this key, and whether the journal still has all of them. */
  get recorded(): Recorded {
    return this.#recorded()
  }

  /**
   * Another fresh key, whose requests get these steps, the last one for ever: `mock.steps("503_x2", "ok")`.
   *
   * @throws InvalidOptionError for an unknown step
   */
  steps(...steps: readonly [string, ...Array<string>]): MockKey {
    return this.server.key(...steps)
  }
}

/** The servers of a worker, one for each set of options. */
class Servers {
  readonly #started = new Map<MockServerOptions, Promise<{ readonly shared: SharedServer; close(): Promise<void> }>>()

  async with(options: MockServerOptions): Promise<SharedServer> {
    const started = this.#started.get(options) ?? this.#start(options)
    this.#started.set(options, started)
    return (await started).shared
  }

  async #start(options: MockServerOptions) {
    // A full journal drops the oldest requests, which may be those of another test.
    const core = createCore({ maxRequests: 100_000, ...options })
    const server = serverOf(core)
    const running = await server.listen()
    return { shared: new SharedServer(core, server, running), close: () => running.close() }
  }

  async close(): Promise<void> {
    const settled = await Promise.allSettled(this.#started.values())
    await Promise.all(settled.map((each) => each.status === "fulfilled" ? each.value.close() : undefined))
  }
}

/** What a test is given. */
export interface MockFixtures {
  /** The options of the server. */
  readonly mockOptions: MockServerOptions
  /** The server of this worker. Vitest 3 gives all tests of a file the one that the first of them had. */
  readonly mockServer: SharedServer
  /** A key that no other test uses, whose requests get the balance. */
  readonly mock: MockKey
}

/**
 * Vitest's `test` with the fixture `mock`: a fresh key, whose requests get the balance. All tests of a worker share one
 * server. To set its options, extend it at the top level of a file:
 * `test.extend({ mockOptions: [{ slowMillis: 5 }, { scope: "worker" }] })`, or in Vitest 3 with
 * `test.scoped({ mockOptions: { slowMillis: 5 } })`.
 */
export const test: TestAPI<MockFixtures> = vitestTest.extend<MockFixtures & { readonly mockServers: Servers }>({
  // Vitest 3 knows no other form than this one, and each reads the names of what a fixture needs from its source.
  mockOptions: [{}, { scope: "worker" }],
  mockServers: [
    // oxlint-disable-next-line no-empty-pattern -- it needs nothing, which is said by this pattern
    async ({}, use) => {
      const servers = new Servers()
      await use(servers)
      await servers.close()
    },
    { scope: "worker" }
  ],
  mockServer: [
    async ({ mockOptions, mockServers }, use) => use(await mockServers.with(mockOptions)),
    { scope: "worker" }
  ],
  mock: async ({ mockOptions, mockServers }, use) => use((await mockServers.with(mockOptions)).key())
})

/** The expectations that can be met when no request came. */
const meaningfulWithoutRequests: ReadonlySet<keyof Expectations> = new Set(["attempts", "statuses"])

const verify = (name: keyof Expectations, received: unknown, value: unknown, isNot: boolean) => {
  if (!(received instanceof MockKey)) {
    throw new InvalidExpectationError("expect()", "given the fixture `mock`, or a key of its steps")
  }
  // Vitest does not check types, so the value is looked at before it counts as what it should be.
  const expectations: Expectations = { [name]: value }
  if (value === undefined) throw new InvalidExpectationError(name, "given")
  const { complete, requests } = received.recorded
  const { message, negated, pass } = judge(requests, expectations)
  if (!complete) return { pass: isNot, message: () => `${incompleteMessage} ${isNot ? negated : message}` }
  const provesNothing = requests.length === 0 && !meaningfulWithoutRequests.has(name)
  return { pass: provesNothing ? isNot : pass, message: () => (isNot ? negated : message) }
}

interface MatcherState {
  readonly isNot?: boolean
}

/** A matcher with one argument, or with none, whose `fixed` value stands for it. */
const matcher = (name: keyof Expectations, ...fixed: [] | [true]) =>
  function(this: MatcherState, received: unknown, ...given: ReadonlyArray<unknown>) {
    const [argument = fixed[0], ...others] = fixed.length === 0 ? given : [fixed[0], ...given]
    if (others.length > 0) throw new InvalidExpectationError(name, `given ${fixed.length === 0 ? "once" : "nothing"}`)
    return verify(name, received, argument, this.isNot === true)
  }

/** A matcher with as many arguments as there are statuses. */
const statusMatcher = (name: "neverRetried" | "statuses") =>
  function(this: MatcherState, received: unknown, ...given: ReadonlyArray<unknown>) {
    return verify(name, received, given, this.isNot === true)
  }

const matchers = {
  toHaveSentRequests: matcher("attempts"),
  toHaveSeenStatuses: statusMatcher("statuses"),
  toHaveWaitedRetryAfter: matcher("waitedRetryAfter", true),
  toHaveWaited: matcher("waits"),
  toNeverHaveRetried: statusMatcher("neverRetried"),
  toHaveSentOneAtATime: matcher("noOverlap", true),
  toHaveReusedItsConnection: matcher("reusedConnection", true)
} satisfies MatchersObject

vitestExpect.extend(matchers)

/** What can be expected of a {@link MockKey}. */
export interface MockMatchers {
  /** How many requests the key made: exactly so many, or within bounds. */
  toHaveSentRequests(attempts: Bounds): void
  /** The statuses that its requests were answered with, in order; `null` for a request that got no status. */
  toHaveSeenStatuses(...statuses: ReadonlyArray<number | null>): void
  /** That each request waited as long as the `Retry-After` before it asked, and that there was such a `Retry-After`. */
  toHaveWaitedRetryAfter(): void
  /** The milliseconds from the end of each request to the arrival of the next. Fails without a second request. */
  toHaveWaited(millis: Bounds): void
  /** That no request came after an answer with any of these statuses. */
  toNeverHaveRetried(...statuses: ReadonlyArray<number>): void
  /** That no two requests were open at once. */
  toHaveSentOneAtATime(): void
  /** That each request except the first came on a connection that had served an earlier one. */
  toHaveReusedItsConnection(): void
}

/** Vitest's own matchers, and those of a {@link MockKey}. */
export type MockAssertion = ReturnType<ExpectStatic> & MockMatchers & { readonly not: MockMatchers }

/**
 * Vitest's `expect`, with the matchers of a {@link MockKey}. Each version of Vitest declares matchers differently,
 * so these have their types here and not on the `expect` of `vitest`.
 */
export interface MockExpect {
  (actual: MockKey, message?: string): MockAssertion
  readonly soft: ((actual: MockKey, message?: string) => MockAssertion) & ExpectStatic["soft"]
}

// The call of `extend` has added the matchers, which the type of Vitest's `expect` does not show.
export const expect = vitestExpect as MockExpect & ExpectStatic
