/** A project of a user: an empty folder, and what a package manager installs there. Nothing is of this workspace. */
import { execFile } from "node:child_process"
import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { promisify } from "node:util"
import { run } from "../packed.ts"

export type Manager = "npm" | "pnpm"

/** What the program printed on both of its outputs. It fails, and says that too, where the program does. */
export const output = async (
  command: string,
  args: ReadonlyArray<string>,
  cwd: string,
  env: Readonly<Record<string, string>> = {}
): Promise<string> => {
  // A proxy or an option of the workspace is no option of the user's.
  const outer = Object.entries(process.env).filter(([name]) => !/^(npm|pnpm)_config_/i.test(name))
  try {
    const { stderr, stdout } = await promisify(execFile)(command, args, {
      cwd,
      env: { ...Object.fromEntries(outer), ...env },
      timeout: 300_000,
      maxBuffer: 1e8
    })
    return stdout + stderr
  } catch (error) {
    if (error instanceof Error && "stdout" in error && "stderr" in error) {
      throw new Error(`${command} ${args.join(" ")} failed\n${error.stdout}${error.stderr}`, { cause: error })
    }
    throw error
  }
}

export const write = (folder: string, files: Readonly<Record<string, string>>): void => {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
}

/** Installs packages as its README says, and gives what the package manager said. */
export const install = async (
  folder: string,
  manager: Manager,
  registry: string,
  packages: ReadonlyArray<string>,
  manifest: object = { type: "module" }
): Promise<string> => {
  write(folder, {
    "package.json": JSON.stringify({ name: "user", version: "1.0.0", private: true, ...manifest }),
    ".npmrc": `registry=${registry}\nfund=false\naudit=false\nupdate-notifier=false\n`,
    // Scripts of other packages do not run, and pnpm asks nobody about it.
    "pnpm-workspace.yaml": "ignoreScripts: true\nstrictDepBuilds: false\nminimumReleaseAge: 0\n"
  })
  // What was heard from an earlier registry on this machine is no longer true.
  const env = { npm_config_cache: join(dirname(folder), "npm-cache"), XDG_CACHE_HOME: join(dirname(folder), "cache") }
  return manager === "npm"
    ? output("npm", ["install", "--ignore-scripts", ...packages], folder, env)
    : output("pnpm", ["add", ...packages], folder, env)
}

/** What a package manager said that a user would have to act upon. */
export const complaintsIn = (said: string): ReadonlyArray<string> =>
  said.split("\n").filter((line) =>
    /ERESOLVE|EBADENGINE|(unmet|missing|conflicting) peer|✕/i.test(line) ||
    (/warn/i.test(line) && line.includes("@effect-pollo"))
  )

/** The folders that hold a copy of a package. */
export const copiesOf = (folder: string, name: string): ReadonlyArray<string> =>
  run("find", ["node_modules", "-type", "d", "-path", `*node_modules/${name}`, "-prune"], folder)
    .split("\n")
    .filter((found) => found !== "")
