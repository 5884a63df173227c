/**
 * What typedoc is told beyond its options: modules are called as they are imported, and what Effect's own base classes
 * bring along is left out.
 */
import { readFileSync } from "node:fs"
import { basename, join, relative } from "node:path"
import { type Application, Converter, DeclarationReflection, ReflectionKind } from "typedoc"

/**
 * The name by which the exports of a package's manifest lead to that file. One without a name holds types that a public
 * module hands on.
 */
const importName = (file: string): string => {
  const folder = file.slice(0, file.lastIndexOf("/src/"))
  const manifest: { readonly name: string; readonly exports: Readonly<Record<string, unknown>> } = JSON.parse(
    readFileSync(join(folder, "package.json"), "utf8")
  )
  const [path] = Object.entries(manifest.exports).find(([, target]) => target === `./${relative(folder, file)}`) ?? []
  if (path === undefined) return `${manifest.name}/types/${basename(file, ".ts")}`
  return path === "." ? manifest.name : manifest.name + path.slice(1)
}

export const load = (app: Application): void => {
  app.converter.on(Converter.EVENT_CREATE_DECLARATION, (context, reflection) => {
    if (!reflection.kindOf(ReflectionKind.Module)) return
    const [declaration] = context.getSymbolFromReflection(reflection)?.declarations ?? []
    if (declaration !== undefined) reflection.name = importName(declaration.getSourceFile().fileName)
  })
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const reflection of Object.values(project.reflections)) {
      if (!(reflection instanceof DeclarationReflection)) continue
      if (reflection.kindOf(ReflectionKind.Constructor) && !reflection.hasComment()) {
        project.removeReflection(reflection)
      }
      delete reflection.extendedTypes
      delete reflection.inheritedFrom
      delete reflection.overwrites
      for (const signature of reflection.getAllSignatures()) {
        delete signature.inheritedFrom
        delete signature.overwrites
      }
    }
  })
}
