/** What all published packages have in common is in the manifest of the workspace, and goes into each when it is packed. */
import { readFileSync } from "node:fs"
import { basename } from "node:path"

const shared = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8"))

const beforePacking = (manifest, dir) => ({
  ...manifest,
  ...(shared.author === undefined ? {} : { author: shared.author }),
  keywords: [...new Set([...manifest.keywords ?? [], ...shared.keywords])],
  // Nothing points to an address until somebody owns it: the release asks for it.
  ...(shared.repository === undefined ? {} : {
    repository: { ...shared.repository, directory: `packages/${basename(dir)}` },
    homepage: shared.homepage,
    bugs: shared.bugs
  })
})

export const hooks = { beforePacking }
