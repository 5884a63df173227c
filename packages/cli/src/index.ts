/** Schemas of what `pollo-credits --json` prints, for programs that read it, and the table of its exit codes. */
export { exitCodes } from "./exit-codes.ts"
export { BalanceOutput, CheckOutput, WatchOutput } from "./outputs.ts"
