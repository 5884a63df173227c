/** Builds and packs the published packages: what a user installs is what is checked. */
import { execFileSync } from "node:child_process"
import { readFileSync, rmSync } from "node:fs"
import { basename, join } from "node:path"

export const root = join(import.meta.dirname, "..")

/** The published packages, each after those that it depends on. */
export const published = ["protocol", "client", "client-effect3", "mock-server", "cli"] as const

export type Published = (typeof published)[number]

/** What standard output says. Where the command fails, what it printed is said too. */
export const run = (
  command: string,
  args: ReadonlyArray<string>,
  cwd = root,
  env: Readonly<Record<string, string | undefined>> = process.env
): string => {
  try {
    return execFileSync(command, args, { cwd, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] })
  } catch (error) {
    if (error instanceof Error && "stdout" in error && "stderr" in error) {
      throw new Error(`${basename(command)} ${args.join(" ")}\n${error.stdout}\n${error.stderr}`, { cause: error })
    }
    throw error
  }
}

export const bin = (name: string): string => join(root, "node_modules/.bin", name)

export interface Manifest {
  readonly name: string
  readonly version: string
  readonly exports: Readonly<Record<string, string | null>>
  readonly engines: { readonly node: string }
  readonly dependencies?: Readonly<Record<string, string>>
}

export const manifestOf = (name: Published): Manifest =>
  JSON.parse(readFileSync(join(root, "packages", name, "package.json"), "utf8"))

/** Every entry point that a package declares, except the closed ones: `@effect-pollo/client/BalanceCache`. */
export const entryPointsOf = (name: Published): ReadonlyArray<string> => {
  const manifest = manifestOf(name)
  return Object.entries(manifest.exports)
    .filter(([path, target]) => target !== null && path !== "./package.json")
    .map(([path]) => join(manifest.name, path))
}

export interface Packed {
  readonly package: Published
  /** The path of the tarball. */
  readonly file: string
}

export const build = (name: Published): void => {
  const folder = join(root, "packages", name)
  rmSync(join(folder, "dist"), { recursive: true, force: true })
  run(bin("tsc"), ["-p", join(folder, "tsconfig.build.json")])
}

/** Builds all of them, and puts their tarballs into a folder. */
export const packAll = (into: string): ReadonlyArray<Packed> =>
  published.map((name) => {
    build(name)
    const out = run("pnpm", ["pack", "--pack-destination", into], join(root, "packages", name))
    const file = out.match(/\S+\.tgz/)?.[0]
    if (file === undefined) throw new Error(`pnpm pack of ${name} named no tarball`)
    return { package: name, file }
  })
