import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    include: ["packages/*/test/**/*.test.ts", "packages/behaviour/effect*/test/*.test.ts"],
    testTimeout: 20_000,
    typecheck: { enabled: false }
  }
})
