import { balanceAnswer } from "./step.ts"
import type { Step, StepFamily } from "./step.ts"

/** Milliseconds that a timer can hold, and more bytes than any client should take. */
const largest = 2_147_483_647

/** Where a form has `<this>`, a name has a whole number. */
const patternOf = (form: string): RegExp => new RegExp(`^${form.replaceAll(/<\w+>/g, String.raw`(\d{1,10})`)}$`)

/**
 * Steps with a trouble that numbers measure, given to `trouble` in the order of the form. They answer the balance,
 * unless the trouble is another answer.
 */
export const numbered = (
  forms: ReadonlyArray<string>,
  { conforms, summary, trouble }: Pick<StepFamily, "conforms" | "summary"> & {
    readonly trouble: (
      ...numbers: ReadonlyArray<number>
    ) => Partial<Pick<Step, "answer" | "delay" | "fault">> | undefined
  }
): StepFamily => {
  const patterns = forms.map(patternOf)
  return {
    forms,
    summary,
    conforms,
    parse: (name) => {
      const written = patterns.map((pattern) => pattern.exec(name)).find((match) => match !== null)
      if (written === undefined || written === null) return undefined
      const numbers = written.slice(1).map(Number)
      const made = numbers.every((number) => number <= largest) ? trouble(...numbers) : undefined
      return made === undefined ? undefined : { name, summary, conforms, answer: balanceAnswer, ...made }
    }
  }
}
