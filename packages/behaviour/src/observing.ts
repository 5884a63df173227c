/** What all runners share to observe a call. */
import { inspect } from "node:util"

/** The fields and getters of a balance or an error. `plain` makes a number of a duration, and leaves the rest. */
export const fieldsOf = (value: unknown, plain: (field: unknown) => unknown): Readonly<Record<string, unknown>> => {
  if (typeof value !== "object" || value === null) return {}
  const getters = ["message", "isRetryable", "isTransient"].map((name) => [name, Reflect.get(value, name)])
  return Object.fromEntries([...Object.entries(value), ...getters].map(([name, field]) => [name, plain(field)]))
}

/** Whether two values print the same, which for errors compares more than their fields. */
export const alike = (one: object, other: object): boolean => inspect(one) === inspect(other)

/** What a program can print of something. */
export const printable = (value: unknown): ReadonlyArray<string> => [
  inspect(value, { depth: null, showHidden: true, customInspect: false }),
  inspect(value, { depth: null }),
  JSON.stringify(value, (_, field: unknown) => typeof field === "bigint" ? String(field) : field)
]

/** Waits until all pending work of streams and promises is done. */
export const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
}
