import { errorBody } from "./error-body.ts"
import type { ErrorBody } from "./error-body.ts"

/** A value as the caller would write it: as JSON, or as JavaScript for a number such as NaN. */
const shown = (given: unknown): string =>
  typeof given === "string" || (typeof given === "object" && given !== null) ? JSON.stringify(given) : String(given)

/** An option that cannot be used. `option` is its name as the caller wrote it; `message` says what is accepted. */
export class InvalidOptionError extends Error {
  override readonly name = "InvalidOptionError"
  readonly option: string
  /** What is accepted, in words that follow "must be". */
  readonly expected: string

  /** What was given is left out where it is a secret. */
  constructor(option: string, expected: string, ...given: [] | [unknown]) {
    super(`${option} must be ${expected}${given.length === 0 ? "" : `, not ${shown(given[0])}`}`)
    this.option = option
    this.expected = expected
  }
}

/** An account among the options that cannot be opened. The message names the account, and the field if one is wrong. */
export class InvalidAccountError extends InvalidOptionError {
  override readonly message: string
  readonly key: string
  /** What is wrong with the account, in words that follow its name. */
  readonly problem: string

  constructor(key: string, problem: string) {
    super("accounts", problem)
    this.key = key
    this.problem = problem.includes(": ") ? `: ${problem}` : ` ${problem}`
    this.message = `accounts[${JSON.stringify(key)}]${this.problem}`
  }
}

/** An expectation about requests that no request could meet, or that every request would meet. `argument` names it. */
export class InvalidExpectationError extends Error {
  override readonly name = "InvalidExpectationError"
  readonly argument: string

  constructor(argument: string, expected: string, ...given: [] | [unknown]) {
    super(`${argument} must be ${expected}${given.length === 0 ? "" : `, not ${shown(given[0])}`}`)
    this.argument = argument
  }
}

/** The server could not listen. `code` is the system's own, such as `EADDRINUSE`; the original error is the `cause`. */
export class ListenError extends Error {
  override readonly name = "ListenError"
  readonly code: string
  readonly host: string
  readonly port: number

  constructor(host: string, port: number, cause: Error) {
    const code = "code" in cause && typeof cause.code === "string" ? cause.code : "UNKNOWN"
    super(`cannot listen on ${host}:${port}: ${reasons[code] ?? cause.message}`, { cause })
    this.code = code
    this.host = host
    this.port = port
  }
}

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: "the port is in use. Choose another one, or port 0 for any free port",
  EACCES: "this user may not open that port. Choose one above 1023, or port 0 for any free port",
  EADDRNOTAVAIL: "this machine has no such address",
  ENOTFOUND: "no address is known for that host name"
}

/**
 * `fetch` was called in process with a key whose next step is a fault that only a socket can show. It is no
 * `TypeError`, so it cannot be mistaken for the network failure that the step would have caused.
 */
export class SocketRequiredError extends Error {
  override readonly name = "SocketRequiredError"
  /** The step that needs a socket, such as `reset`. */
  readonly step: string

  constructor(step: string) {
    super(`the step "${step}" needs a socket: call listen() and send the request to its url instead of to fetch`)
    this.step = step
  }
}

/**
 * 400 for what cannot be understood, 404 for what is not there, 409 for what the account does not allow, 413 for too
 * much.
 */
export type AdminStatus = 400 | 404 | 409 | 413

/**
 * A call to the admin API that cannot be carried out, and has changed nothing. Over HTTP it is the vendor's error body.
 */
export class AdminError extends Error {
  override readonly name = "AdminError"
  readonly status: AdminStatus
  /** The error body of the HTTP answer. */
  readonly body: ErrorBody

  constructor(status: AdminStatus, summary: string, issues: ReadonlyArray<string>) {
    super([summary, ...issues].join("\n  "))
    this.status = status
    this.body = errorBody(status, summary, issues)
  }

  get code(): string {
    return this.body.code
  }

  /** What is wrong, each with the name of its field. */
  get issues(): ReadonlyArray<string> {
    return (this.body.issues ?? []).map(({ message }) => message)
  }
}
