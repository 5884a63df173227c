/** All behaviours that both clients must have, in families. */
import { answers } from "./families/balances.ts"
import { codes } from "./families/codes.ts"
import { environment } from "./families/environment.ts"
import { errorBodies } from "./families/errorBodies.ts"
import { faults } from "./families/faults.ts"
import { interceptions } from "./families/interceptions.ts"
import { options } from "./families/options.ts"
import { overrides } from "./families/overrides.ts"
import { redirects } from "./families/redirects.ts"
import { retries } from "./families/retries.ts"
import { retryAfters } from "./families/retryAfter.ts"
import { secrecy } from "./families/secrecy.ts"
import { statuses } from "./families/statuses.ts"
import { timeouts } from "./families/timeouts.ts"
import { transport } from "./families/transport.ts"
import type { Behaviour, Row } from "./row.ts"

const families = {
  statuses,
  "a balance": answers.balances,
  "a 200 without a balance": answers.invalid,
  "the size of a body": answers.bounded,
  "a balance without an end": answers.unfinished,
  "an error without a message": errorBodies.decided,
  "an error whose body never ends": errorBodies.again,
  "the wait for an error's body": errorBodies.patience,
  "the words of an error": errorBodies.words,
  "a 200 that is an error": codes.named,
  "codes in odd places": codes.others,
  "no answer": transport.coded,
  "why there is no answer": transport.quoted,
  "trying again": transport.again,
  "faults on the wire": faults,
  "Retry-After, told": retryAfters.told,
  "Retry-After, obeyed": retryAfters.obeyed,
  "Retry-After and its limits": retryAfters.limits,
  "how often": retries.counts,
  backoff: retries.backoff,
  "the attempt's timeout": timeouts.attempts,
  "the deadline": timeouts.deadlines,
  overrides,
  "the key quoted": secrecy.quoted,
  "the key elsewhere": secrecy.elsewhere,
  redirects: redirects.redirected,
  "redirects in disguise": redirects.others,
  challenges: interceptions.challenged,
  "pages before the API": interceptions.pages,
  "the API's own refusals": interceptions.words,
  "other interceptions": interceptions.others,
  "the address of the request": options.asked,
  "mistakes of the caller": options.mistakes,
  "the environment": environment
} satisfies Readonly<Record<string, ReadonlyArray<Behaviour>>>

export type Family = keyof typeof families

export const table: ReadonlyArray<Row> = Object.entries(families).flatMap(([family, behaviours]) =>
  behaviours.map((behaviour) => ({ ...behaviour, family }))
)

/** The rows of each family, in the order of the table. */
export const byFamily: ReadonlyArray<readonly [family: string, rows: ReadonlyArray<Row>]> = Object.keys(families).map(
  (family) => [family, table.filter((row) => row.family === family)]
)
