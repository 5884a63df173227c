/** A figure, and the most or the least that it may be. */
export type Promised = readonly [figure: number, bound: "at least" | "at most", limit: number]

export const median = (numbers: ReadonlyArray<number>): number =>
  numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN

/** Prints what was measured, and whether the promises hold: the process exits with 1 when one does not. */
export const report = (
  rows: ReadonlyArray<{ readonly name: string; readonly [column: string]: string }>,
  promises: Readonly<Record<string, Promised>>
): void => {
  const asNumbers = (columns: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(columns).map(([column, figure]) => [column, Number(figure)]))
  console.table(Object.fromEntries(rows.map(({ name, ...columns }) => [name, asNumbers(columns)])))
  for (const [what, [figure, bound, limit]] of Object.entries(promises)) {
    const held = bound === "at least" ? figure >= limit : figure <= limit
    console.log(`${held ? "held  " : "MISSED"} ${figure.toFixed(2)} ${what}, ${bound} ${limit}`)
    if (!held) process.exitCode = 1
  }
}
