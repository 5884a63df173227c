/** What is searched, and what must come of it. A control leaves out one rule, and something must break. */
import { promised, type Rules, type Setting } from "./fleet.ts"

export interface Scenario {
  readonly name: string
  readonly rules: Rules
  readonly setting: Setting
  readonly broken?: "overspent" | "limit exceeded" | "false alarm" | "never at rest"
  readonly calm?: boolean
  /** Takes longer than a test run should: for `pnpm test:long`. */
  readonly long?: boolean
}

const quiet: Setting = {
  balance: 1,
  machines: 2,
  asks: 1,
  slowReading: 1,
  answer: 1,
  silence: 0,
  jump: 0,
  pauseAnswer: false,
  cold: false,
  snapshot: 0,
  restart: 0,
  rollback: 0,
  wipe: 0,
  vanish: 0,
  restore: 0,
  promote: 0,
  failback: 0,
  ahead: 0,
  back: 0,
  cut: 0,
  pause: 0,
  die: 0,
  lostAnswer: 0,
  lostCommand: 0,
  topUp: 0
}
const rollback = { snapshot: 1, rollback: 1 }
const failover = { snapshot: 1, promote: 1, failback: 1 }

const scenario = (
  name: string,
  setting: Partial<Setting>,
  { lag = 0, rules = {}, ...rest }: Omit<Partial<Scenario>, "rules"> & {
    readonly lag?: number
    readonly rules?: Partial<Rules>
  } = {}
): Scenario => ({ name, setting: { ...quiet, ...setting }, rules: { ...promised(lag), ...rules }, ...rest })

const promises: ReadonlyArray<Scenario> = [
  scenario("no fault", { asks: 2 }, { calm: true }),
  scenario("no fault, a vendor that lags", { asks: 2 }, { lag: 1, calm: true }),
  scenario("a cold start", { cold: true }, { calm: true }),
  scenario("an older snapshot", rollback, { calm: true }),
  scenario("an older snapshot, a vendor that lags", rollback, { lag: 1, calm: true }),
  scenario("one machine alone and an older snapshot", { ...rollback, machines: 1, asks: 3 }, { calm: true }),
  scenario("an older snapshot, twice", { snapshot: 1, rollback: 2 }, { calm: true, long: true }),
  scenario("an older snapshot and a lost renewal", { ...rollback, lostCommand: 1 }, {}),
  scenario("an older snapshot, a machine dies, an answer is lost", { ...rollback, die: 1, lostAnswer: 1 }, {
    long: true
  }),
  scenario("an older snapshot and nearly two leases of silence", { ...rollback, cut: 1, silence: 3 }, {}),
  scenario("a restart with all data, then an older snapshot", { ...rollback, restart: 1 }, { calm: true, long: true }),
  scenario("an empty restart", { wipe: 1 }, { calm: true }),
  scenario("an empty restart, a new machine asks first", { wipe: 1, die: 1 }, { calm: true }),
  scenario("books that vanish and slow readings", { vanish: 1, slowReading: 5, asks: 2 }, { long: true }),
  scenario("an older snapshot, books that vanish, slow readings", { ...rollback, vanish: 1, slowReading: 7 }, {
    long: true
  }),
  scenario("a failover and back", failover, { calm: true }),
  scenario("a failover and back, silence, a vendor that lags", { ...failover, cut: 1, silence: 3 }, {
    lag: 1,
    long: true
  }),
  scenario("three machines and an older snapshot", { ...rollback, machines: 3 }, { long: true }),
  scenario("nearly two leases of silence", { cut: 1, silence: 3, asks: [1, 3] }, {}),
  scenario("nearly two leases of pause", { pause: 1, silence: 3, asks: [1, 3] }, {}),
  scenario("a long pause before the job starts", { pause: 1, silence: 9, pauseAnswer: true, asks: [1, 3] }, {}),
  scenario("answers are lost", { lostAnswer: 2, asks: 2 }, { calm: true }),
  scenario("the clock goes back when a machine has died", { die: 1, back: 1, jump: 70 }, { calm: true }),
  scenario("the clock jumps ahead", { ahead: 1, jump: 7, asks: [1, 3] }, {}),
  scenario("the clock jumps ahead, and an older snapshot", { ...rollback, ahead: 1, jump: 7 }, {}),
  scenario("the clock jumps ahead, and the books vanish", { vanish: 1, ahead: 1, jump: 9, asks: 2 }, { long: true })
]

const controls: ReadonlyArray<Scenario> = [
  scenario("without a name for the server: an older snapshot", rollback, {
    rules: { server: "nothing" },
    broken: "overspent"
  }),
  scenario("by the run alone: a failover and back", failover, { rules: { server: "run" }, broken: "overspent" }),
  scenario("a window of less than a lease: an older snapshot", rollback, { rules: { window: 2 }, broken: "overspent" }),
  scenario("a window of one lease: a lost renewal", { ...rollback, lostCommand: 1 }, {
    rules: { window: 3 },
    broken: "overspent"
  }),
  scenario("a window by the store's clock, which jumps", { ...rollback, ahead: 1, jump: 7 }, {
    rules: { windowBy: "store" },
    broken: "overspent"
  }),
  scenario("tickets without a name: a slow reading", { vanish: 1, slowReading: 9, asks: 2 }, {
    rules: { namedTickets: false },
    broken: "overspent"
  }),
  scenario("late answers count: a pause before the job", { pause: 1, silence: 9, pauseAnswer: true, asks: [1, 3] }, {
    rules: { lateAnswer: Number.POSITIVE_INFINITY },
    broken: "overspent"
  }),
  scenario("new books are open: an empty restart", { wipe: 1 }, { rules: { newBooks: "open" }, broken: "overspent" }),
  // What is not promised, and said so.
  scenario("an older snapshot by hand, and a machine asks that has not seen more", { snapshot: 1, restore: 1 }, {
    rules: { memory: true },
    broken: "overspent"
  }),
  scenario("two leases of silence", { cut: 1, silence: 4, asks: [1, 3] }, { broken: "overspent" }),
  scenario("two leases of silence and an older snapshot", { ...rollback, cut: 1, silence: 4 }, { broken: "overspent" }),
  scenario("the clock jumps ahead twice", { ahead: 2, jump: 7, asks: [1, 3] }, { broken: "overspent" })
]

/** Whether they overspend is not looked at: a machine may be silent for longer than that is promised for. */
const stranger = (
  name: string,
  setting: Partial<Setting>,
  { lag, ...options }: Partial<Scenario> & { readonly lag?: number } = {},
  strangers: Rules["strangers"] = "watched"
): Scenario =>
  scenario(`nobody else spends: ${name}`, { balance: 2, ...setting }, {
    lag: lag ?? 0,
    ...options,
    rules: { strangers }
  })
const topUp = { topUp: 1, asks: [1, 2] }
const silent = { cut: 1, silence: 8, asks: [1, 4] }

const strangers: ReadonlyArray<Scenario> = [
  stranger("three machines and slow readings", { machines: 3, asks: [1, 1, 2], slowReading: 2 }, { long: true }),
  stranger("a top-up", topUp),
  stranger("a top-up, a vendor that lags", topUp, { lag: 1 }),
  stranger("an older snapshot", { ...rollback, asks: [1, 2] }, { long: true }),
  stranger("books that vanish", { vanish: 1, asks: [1, 2] }),
  stranger("an answer is lost and a machine dies", { lostAnswer: 1, die: 1, asks: [1, 2] }),
  stranger("a machine that is silent for long", silent),
  stranger("a top-up, and a reading counts at once", topUp, { broken: "false alarm" }, "unordered"),
  stranger(
    "an older snapshot, the trail goes on",
    { ...rollback, asks: [1, 2] },
    {
      broken: "false alarm",
      long: true
    },
    "never anew"
  ),
  stranger(
    "a machine that is silent for long, and what it lost counts",
    silent,
    { broken: "false alarm" },
    "lost counts"
  )
]

/** More than one credit is there, and one may be spent in each period of four ticks. */
const limit = (
  name: string,
  setting: Partial<Setting>,
  options: Partial<Scenario> = {}
): Scenario =>
  scenario(`a limit: ${name}`, { balance: 3, until: 9, asks: 2, ...setting }, {
    ...options,
    rules: { limit: { credits: 1, every: 4, label: undefined } }
  })

const limits: ReadonlyArray<Scenario> = [
  limit("no fault", {}),
  limit("a machine dies, an answer is lost", { die: 1, lostAnswer: 1 }),
  limit("commands are lost", { lostCommand: 2 }),
  limit("a machine that is silent for long", { cut: 1, silence: 7 }),
  limit("a clock that goes back", { back: 1, jump: 4 }),
  limit("a clock that jumps ahead and goes back", { ahead: 1, back: 2, jump: 4 }, { long: true }),
  // What is not promised, and said so.
  limit("an older snapshot by hand", { snapshot: 1, restore: 1 }, { broken: "limit exceeded" })
]

export const scenarios: ReadonlyArray<Scenario> = [...promises, ...controls, ...strangers, ...limits]
