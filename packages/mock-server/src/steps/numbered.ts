import { balanceAnswer } from "./step.ts"
import type { Step, StepFamily } from "./step.ts"

/**
 * The largest number in a name: as milliseconds, a timer can hold it; as bytes, it is more than any client should read.
 */
const largest = 2_147_483_647

/** Where a form has `<this>`, a name has a whole number. */
const patternOf = (form: string): RegExp => new RegExp(`^${form.replaceAll(/<\w+>/g, String.raw`(\d{1,10})`)}$`)

/**
 * Steps whose names hold numbers. `trouble` gets the numbers in the order of the form, and says what is special about
 * the step. The answer is the balance, unless `trouble` has another one.
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
