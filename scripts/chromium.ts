/** Where Chromium or Chrome is on this machine. */
import { accessSync, constants } from "node:fs"
import { delimiter, join } from "node:path"

/** What they are called on the systems that have them. */
const names = [
  "chromium",
  "chromium-browser",
  "google-chrome",
  "google-chrome-stable",
  "chrome",
  "chrome.exe",
  "microsoft-edge"
]

/** Where they are when they are not on the `PATH`. */
const elsewhere = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
  "/snap/bin/chromium"
]

const isExecutable = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** What `CHROME_PATH` says, or the first of them that is there, or `undefined`. */
export const chromiumOf = (env: Readonly<Record<string, string | undefined>>): string | undefined => {
  const named = env["CHROME_PATH"] ?? env["CHROMIUM_PATH"]
  if (named !== undefined && named !== "") return isExecutable(named) ? named : undefined
  const onPath = (env["PATH"] ?? "").split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)))
  return [...onPath, ...elsewhere].find(isExecutable)
}

export const chromiumPath: string | undefined = chromiumOf(process.env)
