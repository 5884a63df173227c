/**
 * Type-checks programs of users with TypeScript 5.7 to 7, in both kinds of module resolution, without skipping what the
 * packages declare; and a CommonJS project, which also runs. What effect and vitest declare themselves is their own.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { packAll } from "../packed.ts"
import * as programs from "./programs.ts"
import { install, output, write } from "./project.ts"
import { startRegistry } from "./registry.ts"
import { putTable } from "./table.ts"

const compilers = ["5.7", "5.8", "5.9", "6.0", "7.0"]
const resolutions = {
  nodenext: { module: "nodenext", moduleResolution: "nodenext" },
  bundler: { module: "esnext", moduleResolution: "bundler" }
}

interface Project {
  readonly name: string
  readonly packages: ReadonlyArray<string>
  readonly files: Readonly<Record<string, string>>
  readonly types?: ReadonlyArray<string>
  readonly skipLibCheck?: boolean
  readonly manifest?: object
  /** The first TypeScript that lets CommonJS import an ES module, as Node does. */
  readonly since?: string
  readonly resolutions?: ReadonlyArray<keyof typeof resolutions>
  readonly run?: string
}

const mock = "@effect-pollo/mock-server"
const commonjs = { type: "commonjs" }

const projects: ReadonlyArray<Project> = [
  { name: "client", packages: ["@effect-pollo/client", "effect"], files: { "main.ts": programs.typed4 } },
  {
    name: "client-effect3",
    packages: ["@effect-pollo/client-effect3", "effect@3", "@effect/platform"],
    files: { "main.ts": programs.typed3 }
  },
  {
    name: "mock-server, with `@types/node`",
    packages: [mock, "@types/node"],
    types: ["node"],
    files: { "main.ts": programs.typedMock }
  },
  ...["3.2", "4", "5"].map((version) => ({
    name: `mock-server/vitest on Vitest ${version}, with \`skipLibCheck\``,
    packages: [mock, `vitest@${version}`, "@types/node"],
    types: ["node"],
    skipLibCheck: true,
    files: { "mock.test.ts": programs.vitestFile }
  })),
  {
    name: "CommonJS: client and mock-server",
    packages: ["@effect-pollo/client", "effect", mock, "@types/node"],
    types: ["node"],
    manifest: commonjs,
    since: "5.8",
    resolutions: ["nodenext"],
    files: { "main.ts": programs.commonjs, "run.js": programs.commonjsRun },
    run: "run.js"
  }
]

const work = mkdtempSync(join(tmpdir(), "effect-pollo-types-"))
const registry = await startRegistry(packAll(work), [])

/** The path of each compiler, installed once for all projects. */
const installCompilers = async (): Promise<ReadonlyMap<string, string>> => {
  const folder = join(work, "compilers")
  const aliases = compilers.map((version) => `typescript-${version}@npm:typescript@${version}`)
  await install(folder, "npm", registry.url, aliases)
  return new Map(
    compilers.map((version) => [version, join(folder, "node_modules", `typescript-${version}`, "bin/tsc")] as const)
  )
}

const optionsOf = ({ skipLibCheck = false, types = [] }: Project, resolution: keyof typeof resolutions) => ({
  compilerOptions: {
    ...resolutions[resolution],
    target: "es2022",
    lib: ["es2022", "dom", "dom.iterable", "esnext.disposable"],
    strict: true,
    types,
    skipLibCheck
  },
  include: ["*.ts"]
})

/** What the compiler finds in the program, or in what our packages declare. */
const findings = async (folder: string, compiler: string): Promise<ReadonlyArray<string>> => {
  const said = await output("node", [compiler, "-p", ".", "--pretty", "false"], folder).catch(String)
  return said.split("\n").filter((line) =>
    /error TS/.test(line) && (!line.includes("node_modules") || line.includes("@effect-pollo"))
  )
}

let failed = 0
const rows: Array<ReadonlyArray<string>> = []
try {
  const paths = await installCompilers()
  for (const [index, project] of projects.entries()) {
    const folder = join(work, `project-${index}`)
    write(folder, project.files)
    await install(folder, "npm", registry.url, project.packages, project.manifest ?? { type: "module" })
    const row: Array<string> = [project.name]
    for (const [version, compiler] of paths) {
      if (Number(version) < Number(project.since ?? 0)) {
        row.push("no")
        continue
      }
      const found: Array<string> = []
      for (const resolution of project.resolutions ?? (["nodenext", "bundler"] as const)) {
        write(folder, { "tsconfig.json": JSON.stringify(optionsOf(project, resolution)) })
        found.push(...await findings(folder, compiler))
      }
      if (found.length > 0) failed++
      console.log(`${found.length === 0 ? "ok    " : "FAILED"} TypeScript ${version}: ${project.name}`)
      for (const line of found) console.log(`       ${line}`)
      row.push(found.length === 0 ? "yes" : "**no**")
    }
    if (project.run !== undefined) await output("node", [project.run], folder)
    rows.push(row)
  }
} finally {
  registry.close()
  rmSync(work, { recursive: true, force: true })
}
putTable("types", ["", ...compilers], rows)
if (failed > 0) process.exit(1)
