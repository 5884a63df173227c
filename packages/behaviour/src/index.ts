export * from "./judge.ts"
export * from "./row.ts"
export * from "./scriptedFetch.ts"
export * from "./table.ts"
