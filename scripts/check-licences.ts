/** Holds everything that a user installs with the packages to licences that let anybody use, change and sell it. */
import { published, run } from "./packed.ts"

const allowed = new Set(["MIT", "MIT-0", "ISC", "0BSD", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "BlueOak-1.0.0"])

const filters = published.flatMap((name) => ["--filter", `@effect-pollo/${name}`])
const found: Readonly<Record<string, ReadonlyArray<{ readonly name: string }>>> = JSON.parse(
  run("pnpm", [...filters, "licenses", "list", "--prod", "--json"])
)
const others = Object.entries(found).filter(([licence]) => !allowed.has(licence))
for (const [licence, packages] of others) {
  console.error(`${licence} of ${packages.map(({ name }) => name).join(", ")} is not among those that are allowed`)
}
if (others.length > 0 || Object.keys(found).length === 0) process.exit(1)
console.log(`${Object.values(found).flat().length} packages have the licences ${Object.keys(found).join(", ")}`)
