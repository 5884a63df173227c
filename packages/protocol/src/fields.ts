/** Fields that nobody knows, in a policy from outside. */

/**
 * The first of `names` that is not `known`, and what is wrong with it. A name comes from outside too: one that could be
 * a key is not repeated, and `name` is then absent.
 */
export const unknownField = (
  names: ReadonlyArray<string>,
  known: ReadonlyArray<string>
): { readonly name: string | undefined; readonly problem: string } | undefined => {
  const unknown = names.find((name) => !known.includes(name))
  if (unknown === undefined) return undefined
  const rest = `known are ${known.join(", ")}`
  return /^[A-Za-z]{1,32}$/.test(unknown)
    ? { name: unknown, problem: `is not a known field; ${rest}` }
    : { name: undefined, problem: `has an unknown field; ${rest}` }
}
