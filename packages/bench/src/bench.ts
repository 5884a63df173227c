import { start } from "./start/start.ts"
import { size } from "./size/size.ts"
import { markdown } from "./report.ts"
const quick = process.argv.includes("--quick")
console.log(markdown(await size()) + "\n")
console.log(markdown(await start(quick, (t) => console.error(t))) + "\n")
