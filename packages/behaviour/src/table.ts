/** All that both clients are held to. */
import { statuses } from "./families/statuses.ts"
import type { Behaviour, Row } from "./row.ts"

const families: Readonly<Record<string, ReadonlyArray<Behaviour>>> = { statuses }

export const table: ReadonlyArray<Row> = Object.entries(families).flatMap(([family, behaviours]) =>
  behaviours.map((behaviour) => ({ ...behaviour, family }))
)

/** The rows of each family, in the order of the table. */
export const byFamily: ReadonlyArray<readonly [family: string, rows: ReadonlyArray<Row>]> = Object.keys(families).map(
  (family) => [family, table.filter((row) => row.family === family)]
)
