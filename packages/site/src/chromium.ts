/** Where Chromium or Chrome is, which the pictures and the check of the pages cannot do without. */
import { chromiumPath as found } from "../../../scripts/chromium.ts"

if (found === undefined) throw new Error("there is no Chromium on the PATH; on Debian: apt-get install chromium")

export const chromiumPath: string = found
