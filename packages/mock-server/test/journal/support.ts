import type { JournalEntry, MockServer } from "../../src/index.ts"

export const entriesOf = async ({ admin }: MockServer, key: string): Promise<ReadonlyArray<JournalEntry>> =>
  (await admin.requests({ key })).requests
