import type { PolloError } from "@effect-pollo/client"

interface ExitCode {
  readonly code: number
  /** When a command exits with this code, in the words of the README. */
  readonly when: string
}

/**
 * Every exit code of `pollo-credits`. A code keeps its meaning for good: scripts compare against it.
 *
 * The codes from 10 on are for the members of the client's error union, one each.
 */
export const exitCodes = {
  Success: { code: 0, when: "the command did what it was asked" },
  Defect: { code: 1, when: "a fault of this program; please report it" },
  Misuse: { code: 2, when: "a command or flag that is not known or cannot be used" },
  Setup: { code: 3, when: "a key, variable, file, port or package that is missing or cannot be used" },
  BelowMinimum: { code: 4, when: "`balance --min`: fewer credits are left than that" },
  SpecDiffers: { code: 5, when: "`check`: the API differs from its published description" },
  NoRedis: { code: 6, when: "`budget`: Redis cannot be reached, or refuses" },
  NotFreed: { code: 7, when: "`budget free`: there is no such hold, or the answer was no" },
  PolloBadRequest: { code: 10, when: "the API refused the request: 400, 422" },
  PolloUnauthorized: { code: 11, when: "the key is missing or malformed: 401" },
  PolloForbidden: { code: 12, when: "the key may not read the balance: 403" },
  PolloNotFound: { code: 13, when: "the key is not known, or the address is wrong: 404" },
  PolloRateLimited: { code: 14, when: "the API asks to slow down: 429" },
  PolloServerError: { code: 15, when: "the API failed: 5xx" },
  PolloApiError: { code: 16, when: "any other status" },
  PolloTransportError: { code: 17, when: "no whole answer: refused, reset, DNS, TLS, cut off in the body" },
  PolloTimeout: { code: 18, when: "no answer in time" },
  PolloInvalidResponse: {
    code: 19,
    when: "an answer that the description does not know, or that a CDN or a proxy gave"
  },
  Interrupted: { code: 130, when: "stopped by Ctrl-C or SIGTERM, with which `exporter` and `mock` end well" }
} as const satisfies Record<string, ExitCode> & Record<PolloError["_tag"], ExitCode>

export type ExitName = keyof typeof exitCodes
