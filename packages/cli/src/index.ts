/** Schemas of what `pollo-credits --json` prints, for programs that read it, and the table of its exit codes. */
export { BalanceOutput, BudgetOutput, CheckOutput, FreedOutput, WatchOutput } from "./output/outputs.ts"
export { exitCodes } from "./values/exit-codes.ts"
