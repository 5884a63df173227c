/**
 * A reporter of Vitest: what was skipped, and what this machine needs to run it. A test, or a suite around it, says so
 * in its name: `(needs redis-server on the PATH)`.
 */
import type { Reporter, TestModule } from "vitest/node"

/** The package of Debian that has a program. Others have its name. */
const packages: Readonly<Record<string, string>> = { cc: "gcc libc6-dev", promtool: "prometheus" }

/** What a test needs, by the names of it and its suites. */
export const needOf = (fullName: string): string | undefined =>
  /\((?:needs|skipped without) ([\w-]+)/.exec(fullName)?.[1]

const howToGet = (need: string): string =>
  need === "node-pty" ? "its binaries are not for this system" : `apt-get install ${packages[need] ?? need}`

/** `21 skipped: no chromium; apt-get install chromium`, the most first. */
export const linesOf = (skipped: ReadonlyArray<string | undefined>): ReadonlyArray<string> => {
  const counts = new Map<string | undefined, number>()
  for (const need of skipped) counts.set(need, (counts.get(need) ?? 0) + 1)
  return [...counts].toSorted(([, one], [, other]) => other - one).map(([need, count]) =>
    need === undefined
      ? `${count} skipped: not for this system, or only for \`pnpm test:long\``
      : `${count} skipped: no ${need}; ${howToGet(need)}`
  )
}

export default class Skipped implements Reporter {
  onTestRunEnd(modules: ReadonlyArray<TestModule>): void {
    const skipped = modules.flatMap((module) => [...module.children.allTests("skipped")])
    for (const line of linesOf(skipped.map(({ fullName }) => needOf(fullName)))) console.log(line)
  }
}
