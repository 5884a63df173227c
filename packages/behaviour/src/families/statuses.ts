/** Every status of a standard, a CDN or a proxy: with the API's own error body, with a web page, and without a body. */
import { answer, codeOf, messageOf, page, refusal } from "../replies.ts"
import type { Behaviour, ErrorTag } from "../row.ts"

interface Group {
  readonly tag: ErrorTag
  readonly transient: boolean
  readonly statuses: ReadonlyArray<number>
}

const groups: ReadonlyArray<Group> = [
  { tag: "PolloBadRequest", transient: false, statuses: [400, 422] },
  { tag: "PolloUnauthorized", transient: false, statuses: [401] },
  { tag: "PolloForbidden", transient: false, statuses: [403] },
  { tag: "PolloNotFound", transient: false, statuses: [404] },
  { tag: "PolloApiError", transient: true, statuses: [408, 425] },
  { tag: "PolloRateLimited", transient: true, statuses: [429] },
  { tag: "PolloServerError", transient: false, statuses: [501, 505] },
  {
    tag: "PolloServerError",
    transient: true,
    statuses: [500, 502, 503, 504, 506, 507, 508, 509, 510, 511].concat(
      [520, 521, 522, 523, 524, 525, 526, 527, 528, 529, 530],
      [540, 561, 598, 599]
    )
  },
  {
    tag: "PolloApiError",
    transient: false,
    statuses: [201, 202, 203, 206, 207, 208, 226, 299].concat(
      [402, 405, 406, 407, 409, 410, 411, 412, 413, 414, 415, 416, 417, 418, 419, 420, 421, 423, 424, 426, 428],
      [430, 431, 440, 444, 449, 450, 451, 460, 463, 494, 495, 496, 497, 498, 499]
    )
  }
]

/** A web page with one of these statuses comes from a CDN or a proxy in front of the API. */
const intercepted = new Set([401, 403, 407, 511])

const once = { maxRetries: 0 }

const rowsOf = ({ statuses, tag, transient }: Group): ReadonlyArray<Behaviour> =>
  statuses.flatMap((status): ReadonlyArray<Behaviour> => {
    const known = { status, isTransient: transient, isRetryable: transient, attempts: 1, requestId: undefined }
    const told = `HTTP_${status}`
    const unworded = { ...known, code: told, message: `the server answered with status ${status}`, issues: [] }
    const interceptor = { reason: "Intercepted", status, isTransient: true, isRetryable: false }
    return [
      {
        name: `a ${status} in the API's own words is ${tag}`,
        replies: [refusal(status)],
        policy: once,
        wants: {
          outcome: tag,
          fields: {
            ...known,
            code: codeOf(status),
            message: messageOf(status),
            issues: []
          },
          requests: 1,
          waits: [0]
        }
      },
      {
        name: `a ${status} without a body is ${tag}`,
        replies: [answer(status, null)],
        policy: once,
        wants: { outcome: tag, fields: unworded, requests: 1, waits: [0] }
      },
      {
        name: `a ${status} with an empty body is ${tag}`,
        replies: [answer(status, "")],
        policy: once,
        wants: { outcome: tag, fields: unworded, requests: 1, waits: [0] }
      },
      {
        name: `a ${status} with a web page is ${intercepted.has(status) ? "an interception" : tag}`,
        replies: [page(status)],
        policy: once,
        wants: intercepted.has(status)
          ? { outcome: "PolloInvalidResponse", fields: interceptor, requests: 1, waits: [0] }
          : { outcome: tag, fields: unworded, requests: 1, waits: [0] }
      },
      {
        name: `a ${status} is ${transient ? "retried three times" : "never retried"}`,
        replies: [refusal(status)],
        wants: transient
          ? { outcome: tag, fields: { attempts: 4 }, requests: 4, waits: [250, 500, 1000, 0] }
          : { outcome: tag, fields: { attempts: 1 }, requests: 1, waits: [0] }
      }
    ]
  })

const bodiless: ReadonlyArray<Behaviour> = [204, 205, 304].map((status) => ({
  name: `a ${status}, which never has a body, is PolloApiError`,
  replies: [answer(status, null)],
  wants: {
    outcome: "PolloApiError",
    fields: { status, code: `HTTP_${status}`, isTransient: false, isRetryable: false },
    requests: 1,
    waits: [0]
  }
}))

export const statuses: ReadonlyArray<Behaviour> = [...groups.flatMap(rowsOf), ...bodiless]
