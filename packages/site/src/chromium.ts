import { accessSync, constants } from "node:fs"
import { delimiter, join } from "node:path"

/** What Chromium and Chrome are called on the systems that have them. */
const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"]

const isExecutable = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

const found = (process.env["PATH"] ?? "").split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)))
  .find(isExecutable)
if (found === undefined) throw new Error("there is no Chromium on the PATH; on Debian: apt-get install chromium")

export const chromiumPath: string = found
