/** Every kind of difference, by the name that `check` reports and `--allow` takes. */
export const differenceNames = {
  status: "a status that is neither 200 nor an error",
  redirect: "a redirect; it is never followed",
  content_type: "a media type other than `application/json`, or none",
  empty_body: "no body",
  not_json: "a body that is not JSON in UTF-8",
  truncated: "a body that does not arrive whole",
  bad_framing: "a body whose chunks are malformed",
  bad_encoding: "a body that is not compressed as `Content-Encoding` says",
  too_large: "a body far too large for a balance",
  envelope: "the documented body inside `{code, message, data}`; counts with `--strict` alone",
  error_body: "an error body with status 200",
  missing_field: "a required field is missing",
  extra_field: "a field that the description does not name",
  wrong_type: "a field, or the body, of another type"
} as const

/** The forms in which a balance comes: as the description shows it, and as the live API has been seen to send it. */
export const forms = {
  flat: "as the published description shows it",
  envelope: "inside {code, message, data}, as the live API sends it"
} as const

export type Form = keyof typeof forms

export type DifferenceName = keyof typeof differenceNames

export const isDifferenceName = (name: string): name is DifferenceName => Object.hasOwn(differenceNames, name)

export const allDifferenceNames: ReadonlyArray<DifferenceName> = Object.keys(differenceNames).filter(isDifferenceName)

export interface Difference {
  readonly name: DifferenceName
  /** The path of the field, such as `data.totalCredits`, or null if the difference is about the whole answer. */
  readonly field: string | null
  /** What is different, in words, without any value of the body. */
  readonly detail: string
}
