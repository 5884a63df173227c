// The example is a test file itself.
import "../src/40-testing.ts"
