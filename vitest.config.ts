import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    include: ["scripts/test/*.test.ts", "packages/*/test/**/*.test.ts", "packages/behaviour/effect*/test/*.test.ts"],
    testTimeout: 20_000,
    reporters: ["default", "./scripts/skipped.ts"],
    typecheck: { enabled: false }
  }
})
