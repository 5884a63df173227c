/** The report of `check` for people. What the server sent is made harmless to a terminal. */
import { forms } from "../values/difference.ts"
import { printable } from "../values/figures.ts"
import type { CheckOutput } from "../output/outputs.ts"

type Output = typeof CheckOutput.Type

export const checkLines = (
  answer: NonNullable<Output["answer"]>,
  differences: Output["differences"],
  notCompared: string | undefined
): ReadonlyArray<string> => {
  const limits = Object.entries(answer.limits).map(([name, value]) => printable(`${name}: ${value}`))
  return [
    `GET ${printable(answer.url)} (x-api-key: <redacted>)`,
    [
      `${answer.status} ${answer.contentType === null ? "without a content type" : printable(answer.contentType)}`,
      `${answer.bodyBytes} bytes`,
      `headers after ${answer.latencyMillis} ms`,
      `all after ${answer.totalMillis} ms`,
      ...answer.requestId === null ? [] : [`request id ${printable(answer.requestId)}`]
    ].join(", "),
    `limits: ${limits.length === 0 ? "none sent" : limits.join(", ")}`,
    ...answer.form === null ? [] : [`form: ${answer.form}, ${forms[answer.form]}`],
    ...notCompared === undefined
      ? differencesLines(differences)
      : [`not compared with the published description: ${notCompared}`]
  ]
}

const differencesLines = (differences: Output["differences"]): ReadonlyArray<string> => {
  if (differences.length === 0) return ["no difference from the published description"]
  const width = Math.max(...differences.map(({ name }) => name.length))
  return [
    `${
      differences.length === 1 ? "1 difference" : `${differences.length} differences`
    } from the published description:`,
    ...differences.map(({ allowed, detail, field, name }) =>
      `  ${name.padEnd(width)}  ${printable(field === null ? detail : `${field} ${detail}`)}${
        allowed ? " (allowed)" : ""
      }`
    )
  ]
}
