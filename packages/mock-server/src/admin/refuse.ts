import { AdminError, InvalidExpectationError, InvalidOptionError } from "../values/errors.ts"

/** The one way to refuse what cannot be understood. Each issue begins with the field that it is about. */
export const cannotBeUsed = (what: string, issues: ReadonlyArray<string>): AdminError =>
  new AdminError(400, `The ${what} cannot be used`, issues)

/** Runs a function that checks its own arguments, and turns its error into a refusal of the admin API. */
export const checked = <A>(run: () => A): A => {
  try {
    return run()
  } catch (error) {
    if (error instanceof InvalidOptionError) {
      throw cannotBeUsed("body", [`${error.option}: must be ${error.expected}`])
    }
    if (error instanceof InvalidExpectationError) throw cannotBeUsed("body", [`expect.${error.message}`])
    throw error
  }
}
