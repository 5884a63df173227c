/** Every benchmark: `pnpm bench [--quick] [--only NAME] [--write]`. Exits with 1 when a promise is missed. */
import { inProcess } from "./inProcess/inProcess.ts"
import { markdown } from "./report.ts"
const quick = process.argv.includes("--quick")
console.log(markdown(await inProcess(quick, (t) => console.error(t))) + "\n")
